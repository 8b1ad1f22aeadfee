use hiku::prelude::*;

#[node(table = "ship")]
struct Ship {
    #[key]
    id: i64,
}

#[derive(Record)]
struct Place {
    name: String,
    ship: Ship,
}

fn main() {}
