use hiku::prelude::*;

#[node(table = "ship", parts(cargo, cargo))]
struct Ship {
    #[key]
    id: i64,
}

#[node(part = cargo)]
impl Ship {}

fn main() {}
