use hiku::prelude::*;

#[derive(Record)]
struct Place {
    name: String,
    area: u64,
}

fn main() {}
