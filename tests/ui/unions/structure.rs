use hiku::prelude::*;

#[derive(Union)]
struct Found {
    title: String,
}

fn main() {}
