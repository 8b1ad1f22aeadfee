use hiku::prelude::*;

#[node(table = "ship")]
struct Ship {
    #[key]
    fleet: i64,
    #[key]
    mass: f64,
}

fn main() {}
