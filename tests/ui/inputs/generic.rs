use hiku::prelude::*;

#[derive(Input)]
struct Wanted<T> {
    name: T,
}

fn main() {}
