use hiku::prelude::*;

#[node(table = "ship")]
struct Ship {
    #[key = "id"]
    id: i64,
}

fn main() {}
