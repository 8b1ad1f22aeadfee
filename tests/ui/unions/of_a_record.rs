use hiku::prelude::*;

#[derive(Record)]
struct Place {
    name: String,
}

#[derive(Union)]
enum Found {
    Place(Place),
}

fn main() {}
