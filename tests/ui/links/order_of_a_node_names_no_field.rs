use hiku::prelude::*;

#[node(table = "ship", order = "-nmae")]
struct Ship {
    #[key]
    id: i64,
    name: String,
}

fn main() {}
