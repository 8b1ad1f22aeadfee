use hiku::prelude::*;

#[node(table = "ship")]
struct Ship {
    #[key(type = Int)]
    id: String,
}

fn main() {}
