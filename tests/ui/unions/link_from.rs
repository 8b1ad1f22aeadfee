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

#[node(table = "label")]
struct Label {
    #[key]
    id: i64,
    of_id: i64,
    #[link(from = of_id)]
    of: One<Found>,
}

fn main() {}
