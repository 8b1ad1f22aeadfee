use hiku::prelude::*;

#[derive(Input)]
struct Wanted {
    #[input(default = "ten")]
    first: i32,
}

fn main() {}
