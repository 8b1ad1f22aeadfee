use hiku::prelude::*;

#[derive(Input)]
struct Wanted {
    name: String,
    like: Box<Wanted>,
}

fn main() {}
