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

#[derive(Union)]
enum Found {
    Ship(Ship),
    Person(Person),
}

#[derive(Interface)]
#[interface(implements(Found), field(name: String))]
enum Named {
    Ship(Ship),
}

#[derive(Interface)]
#[interface(implements(Person), field(name: String))]
enum Titled {
    Ship(Ship),
}

fn main() {}
