use hiku::prelude::*;

#[node(table = "ship")]
struct Ship {
    #[key]
    id: i64,
    #[field(blocking)]
    name: String,
}

fn main() {}
