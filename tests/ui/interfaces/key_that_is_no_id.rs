use hiku::prelude::*;

#[node(table = "ship")]
struct Ship {
    #[key]
    id: i64,
}

#[derive(Interface)]
#[interface(field(id: i64))]
enum Named {
    Ship(Ship),
}

fn main() {}
