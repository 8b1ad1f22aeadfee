use hiku::prelude::*;

#[node(table = "ship")]
struct Ship {
    #[key]
    id: i64,
    #[field(type = ID)]
    mass: f64,
}

fn main() {}
