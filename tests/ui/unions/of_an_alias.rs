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

type Vessel = Ship;

#[derive(Union)]
enum Found {
    Ship(Ship),
    Person(Person),
    Vessel(Vessel),
}

fn main() {}
