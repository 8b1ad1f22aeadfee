use hiku::prelude::*;

#[derive(Input)]
struct Wanted {
    #[input(check = even)]
    first: i32,
}

fn main() {}
