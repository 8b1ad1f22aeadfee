use hiku::prelude::*;

#[derive(Enum)]
enum Genre {
    Drama,
    Western,
}

fn main() {}
