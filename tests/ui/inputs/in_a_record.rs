use hiku::prelude::*;

#[derive(Input)]
struct Wanted {
    name: String,
}

#[derive(Record)]
struct Place {
    wanted: Wanted,
}

fn main() {}
