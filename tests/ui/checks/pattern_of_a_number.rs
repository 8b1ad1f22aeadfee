use hiku::prelude::*;

#[derive(Input)]
struct Wanted {
    #[input(pattern = "^[0-9]+$")]
    number: i64,
}

fn main() {}
