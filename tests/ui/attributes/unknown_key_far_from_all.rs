use hiku::prelude::*;

#[node]
struct Ship {
    #[key(serial)]
    id: i64,
}

fn main() {}
