use hiku::prelude::*;

#[node(table = "ship")]
struct Ship {
    #[key]
    id: i64,
    captain_id: Option<i64>,
    #[link(from = captain_id)]
    captain: Maybe<Person>,
}

#[node(table = "person")]
struct Person {
    #[key]
    id: i64,
    ship_id: i64,
    #[link(from = ship_id)]
    ship: One<Ship>,
}

#[derive(Interface)]
#[interface(link(captain: One<Person>), link(ship: Many<Ship>))]
enum Led {
    Ship(Ship),
}

fn main() {}
