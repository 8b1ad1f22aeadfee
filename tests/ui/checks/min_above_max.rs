use hiku::prelude::*;

#[derive(Input)]
struct Wanted {
    #[input(length(min = 10, max = 1))]
    name: String,
    #[input(range(min = 1.5, max = -1.5))]
    size: f64,
}

fn main() {}
