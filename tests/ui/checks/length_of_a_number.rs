use hiku::prelude::*;

#[derive(Input)]
struct Wanted {
    #[input(length(max = 10))]
    first: i32,
}

fn main() {}
