use hiku::prelude::*;

#[derive(Clone, Copy, Enum)]
enum Genre {
    Drama,
    Other(i64),
    Western { year: i32 },
}

fn main() {}
