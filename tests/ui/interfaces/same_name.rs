use hiku::prelude::*;

#[node(table = "ship")]
struct Ship {
    #[key]
    id: i64,
    name: String,
}

#[node(table = "person")]
struct Person {
    #[key]
    id: i64,
    name: String,
}

#[derive(Interface)]
#[interface(field(name: String), field(name: Option<String>))]
enum Named {
    Ship(Ship),
}

fn main() {}
