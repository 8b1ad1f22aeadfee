use hiku::prelude::*;

#[node(table = "ship")]
struct Ship {
    #[key]
    id: i64,
    #[field(transaction)]
    name: String,
}

fn main() {}
