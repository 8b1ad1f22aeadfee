use hiku::prelude::*;

#[derive(Record)]
struct Place<T> {
    name: T,
}

fn main() {}
