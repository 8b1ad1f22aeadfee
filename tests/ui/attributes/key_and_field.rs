use hiku::prelude::*;

#[node(table = "ship")]
struct Ship {
    #[key]
    #[field(name = "number")]
    id: i64,
}

fn main() {}
