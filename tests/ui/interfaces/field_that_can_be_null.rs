use hiku::prelude::*;

#[node(table = "ship")]
struct Ship {
    #[key]
    id: i64,
    name: Option<String>,
}

#[derive(Interface)]
#[interface(field(name: String))]
enum Named {
    Ship(Ship),
}

fn main() {}
