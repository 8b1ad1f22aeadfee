use hiku::prelude::*;

#[node(table = "ship", parts = cargo)]
struct Ship {
    #[key]
    id: i64,
}

fn main() {}
