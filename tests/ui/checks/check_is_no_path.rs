use hiku::prelude::*;

#[derive(Input)]
struct Wanted {
    #[input(check = "odd")]
    last: i32,
}

fn main() {}
