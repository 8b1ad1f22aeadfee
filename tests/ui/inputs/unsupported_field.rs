use hiku::prelude::*;

#[derive(Input)]
struct Wanted {
    name: &'static str,
    size: u32,
}

fn main() {}
