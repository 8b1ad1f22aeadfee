use hiku::prelude::*;

#[derive(Input)]
struct Wanted {
    #[input(check = even)]
    first: Option<i32>,
}

fn even(number: &i32) -> Result<(), &'static str> {
    if number % 2 == 0 { Ok(()) } else { Err("odd") }
}

fn main() {}
