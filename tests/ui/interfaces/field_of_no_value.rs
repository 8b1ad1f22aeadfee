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
#[interface(field(name: Name), link(captain: Maybe<Name>))]
enum Named {
    Ship(Ship),
}

struct Name(String);

fn main() {}
