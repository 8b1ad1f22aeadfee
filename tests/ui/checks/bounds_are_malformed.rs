use hiku::prelude::*;

#[derive(Input)]
struct Wanted {
    #[input(length(1, 10))]
    name: String,
    #[input(length = 10)]
    title: String,
    #[input(range(least = 1))]
    size: f64,
    #[input(length(max = 1.5))]
    note: String,
    #[input(range())]
    rank: i32,
}

fn main() {}
