use hiku::prelude::*;

#[derive(Input)]
#[input(one_of)]
struct Wanted {
    #[input(defualt = 10)]
    first: i32,
}

fn main() {}
