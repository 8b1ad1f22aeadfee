use hiku::prelude::*;

#[node(table = "ship")]
struct Ship {
    #[key]
    mass: f64,
}

fn main() {}
