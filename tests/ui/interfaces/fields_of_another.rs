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
#[interface(field(id: ID), field(name: String))]
enum Named {
    Ship(Ship),
    Person(Person),
}

#[derive(Interface)]
#[interface(implements(Named), field(id: ID))]
enum Entity {
    Ship(Ship),
}

fn main() {}
