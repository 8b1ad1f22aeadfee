use hiku::prelude::*;

#[node(table = "ship", table = "ships")]
struct Ship {
    #[key]
    id: i64,
}

fn main() {}
