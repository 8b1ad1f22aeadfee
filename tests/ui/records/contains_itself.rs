use hiku::prelude::*;

#[derive(Record)]
struct Place {
    name: String,
    within: Option<Place>,
}

fn main() {}
