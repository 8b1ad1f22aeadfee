use hiku::prelude::*;

#[node(order = "id", filter = "id > 0")]
struct Ship {
    #[key]
    id: i64,
}

fn main() {}
