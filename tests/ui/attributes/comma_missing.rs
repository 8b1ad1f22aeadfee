use hiku::prelude::*;

#[node(table = "ship" order = "id")]
struct Ship {
    #[key]
    id: i64,
}

fn main() {}
