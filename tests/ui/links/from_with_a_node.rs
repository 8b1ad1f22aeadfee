use hiku::prelude::*;

#[node(table = "captain")]
struct Captain {
    #[key]
    id: i64,
    ship_id: i64,
    #[link(from = Captain::ship_id)]
    ship: One<Ship>,
}

#[node(table = "ship")]
struct Ship {
    #[key]
    id: i64,
}

fn main() {}
