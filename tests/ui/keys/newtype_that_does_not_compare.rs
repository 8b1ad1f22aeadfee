use hiku::prelude::*;

#[derive(Clone, Scalar)]
struct ShipId(i64);

#[node(table = "ship")]
struct Ship {
    #[key]
    id: ShipId,
}

fn main() {}
