use hiku::prelude::*;

#[derive(Input)]
struct Wanted {
    #[input(check = even)]
    first: Option<i32>,
}

fn even(number: &i32) -> bool {
    number % 2 == 0
}

fn main() {}
