use hiku::prelude::*;

#[derive(Record)]
struct Place {
    name: String,
}

#[derive(Input)]
struct Wanted {
    near: Option<Place>,
}

fn main() {}
