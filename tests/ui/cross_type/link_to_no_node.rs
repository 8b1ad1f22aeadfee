use hiku::prelude::*;

#[node(table = "captain")]
struct Captain {
    #[key]
    id: i64,
    ship_id: i64,
    #[link(from = ship_id)]
    ship: One<Ship>,
}

struct Ship {
    id: i64,
}

fn main() {}
