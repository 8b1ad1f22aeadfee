use hiku::prelude::*;

#[node(table = "ship")]
struct Ship {
    id: i64,
    name: String,
}

fn main() {}
