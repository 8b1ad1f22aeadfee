use hiku::prelude::*;

#[node(table = "ship")]
struct Ship {
    #[key]
    id: i64,
    #[link(through = Visit)]
    planets: Many<Planet>,
}

#[node(table = "planet")]
struct Planet {
    #[key]
    id: i64,
}

#[node(table = "visit")]
struct Visit {
    #[key]
    ship_id: i64,
    #[key]
    planet_id: i64,
    #[link(from = ship_id)]
    ship: One<Ship>,
}

fn main() {}
