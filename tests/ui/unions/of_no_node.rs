use hiku::prelude::*;

#[derive(Union)]
enum Found {
    Title(String),
}

fn main() {}
