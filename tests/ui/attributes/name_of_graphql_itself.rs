use hiku::prelude::*;

#[node(table = "ship")]
struct Ship {
    #[key]
    id: i64,
    #[field(name = "__type")]
    class: String,
}

fn main() {}
