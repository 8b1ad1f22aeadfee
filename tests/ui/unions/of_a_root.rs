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

#[root]
struct Query {
    #[link]
    ships: Many<Ship>,
}

#[derive(Union)]
enum Found {
    Person(Person),
    Query(Query),
}

fn main() {}
