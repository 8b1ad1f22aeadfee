use hiku::prelude::*;

#[node(table = "ship", order = "name desc")]
struct Ship {
    #[key]
    id: i64,
    name: String,
}

fn main() {}
