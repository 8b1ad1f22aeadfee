use hiku::prelude::*;

#[node(table = "ship")]
enum Ship {
    Enterprise,
}

fn main() {}
