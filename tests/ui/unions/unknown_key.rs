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
#[union(nam = "Thing", implements(Named))]
enum Found {
    Ship(Ship),
    Person(Person),
}

fn main() {}
