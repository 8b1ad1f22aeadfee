use hiku::prelude::*;

#[node(table = "ship", crate = "hiku")]
struct Ship {
    #[key]
    id: i64,
}

fn main() {}
