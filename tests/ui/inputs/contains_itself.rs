use hiku::prelude::*;

#[derive(Input)]
struct Wanted {
    name: String,
    like: Option<Wanted>,
}

fn main() {}
