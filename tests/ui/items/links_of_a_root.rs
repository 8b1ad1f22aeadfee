use hiku::prelude::*;

#[node(table = "ship")]
struct Ship {
    #[key]
    id: i64,
}

#[root]
struct Query {
    ships: Many<Ship>,
    #[link]
    ship: One<Ship>,
    #[link(by_key)]
    by_key: Many<Ship>,
    #[link(by_key, all)]
    all: Maybe<Ship>,
    #[link(to = Ship::id)]
    to: Many<Ship>,
}

fn main() {}
