use hiku::prelude::*;

#[node(table)]
struct Ship {
    #[key]
    id: i64,
}

fn main() {}
