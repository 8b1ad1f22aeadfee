use hiku::prelude::*;

#[node(table = "ship")]
struct Ship {
    #[key]
    id: Option<i64>,
}

fn main() {}
