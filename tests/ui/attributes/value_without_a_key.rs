use hiku::prelude::*;

#[node("ship")]
struct Ship {
    #[key]
    id: i64,
}

fn main() {}
