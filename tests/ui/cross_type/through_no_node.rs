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

struct Visit;

fn main() {}
