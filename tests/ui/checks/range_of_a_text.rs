use hiku::prelude::*;

#[derive(Input)]
struct Wanted {
    #[input(range(min = 1))]
    name: Option<String>,
}

fn main() {}
