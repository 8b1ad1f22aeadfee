use hiku::prelude::*;

#[node(table = "ship", memory)]
struct Ship {
    #[key]
    id: i64,
}

fn main() {}
