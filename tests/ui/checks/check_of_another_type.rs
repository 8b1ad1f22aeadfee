use hiku::prelude::*;

#[derive(Input)]
struct Wanted {
    #[input(check = even)]
    first: i32,
}

fn even(number: &i64) -> Result<()> {
    if number % 2 == 0 { Ok(()) } else { Err(Error::new("odd")) }
}

fn main() {}
