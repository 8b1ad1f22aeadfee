use hiku::prelude::*;

#[node(table = "ship")]
struct Ship {
    #[key]
    fleet: String,
    #[key]
    number: i64,
}

#[node(table = "captain")]
struct Captain {
    #[key]
    id: i64,
    fleet: String,
    number: i64,
    #[link(from(number, fleet))]
    ship: One<Ship>,
}

fn main() {}
