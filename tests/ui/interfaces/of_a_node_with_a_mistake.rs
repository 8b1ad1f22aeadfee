use hiku::prelude::*;

#[node(tabel = "ship")]
struct Ship {
    #[key]
    id: i64,
}

#[derive(Interface)]
#[interface(field(name: String))]
enum Named {
    Ship(Ship),
}

fn main() {}
