use hiku::prelude::*;

#[node(table = "ship")]
struct Ship {
    #[key]
    id: i64,
    #[field(deprecated(since = "2"))]
    name: String,
}

fn main() {}
