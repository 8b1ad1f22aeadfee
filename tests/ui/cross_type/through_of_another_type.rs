use hiku::prelude::*;

#[node(table = "ship")]
struct Ship {
    #[key]
    id: i64,
    #[link(through = Visit, from = ship_id, to = planet)]
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
    planet: String,
}

fn main() {}
