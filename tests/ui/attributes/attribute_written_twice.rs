use hiku::prelude::*;

#[node(table = "ship")]
struct Ship {
    #[key]
    id: i64,
    #[field(hidden)]
    #[field(name = "title")]
    name: String,
}

fn main() {}
