use hiku::prelude::*;

#[node(table = "ship")]
struct Ship {
    #[key]
    fleet: i64,
    #[key]
    number: i64,
}

#[node(table = "captain")]
struct Captain {
    #[key]
    id: i64,
    fleet: i64,
    #[link(from = fleet)]
    ship: One<Ship>,
}

fn main() {}
