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

#[node(table = "labelled")]
struct Labelled {
    #[key]
    label_id: i64,
    #[key]
    ship_id: i64,
    #[link(from = label_id)]
    label: One<Label>,
    #[link(from = ship_id)]
    ship: One<Ship>,
}

#[node(table = "label")]
struct Label {
    #[key]
    id: i64,
    #[link(through = Labelled)]
    all: Many<Found>,
}

fn main() {}
