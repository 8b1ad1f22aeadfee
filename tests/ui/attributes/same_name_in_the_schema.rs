use hiku::prelude::*;

#[node(table = "ship")]
struct Ship {
    #[key]
    id: i64,
    name: String,
    #[field(name = "name")]
    title: String,
}

fn main() {}
