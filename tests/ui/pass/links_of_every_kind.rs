#![deny(warnings)]

use hiku::prelude::*;

#[node(table = "ship", order = "-number, fleet")]
pub struct Ship {
    #[key]
    pub fleet: String,
    #[key(type = Int)]
    pub number: i64,
    #[link(to(Person::ship_fleet, Person::ship_number), order = "-name", page = 10, max = 50)]
    crew: Many<Person>,
    #[link(through = Visit, all)]
    planets: MaybeMany<Planet>,
}

#[node(table = "person")]
pub struct Person {
    #[key]
    pub id: i64,
    pub name: String,
    pub ship_fleet: Option<String>,
    pub ship_number: Option<i64>,
    pub born_on: Option<i64>,
    #[link(from(ship_fleet, ship_number))]
    ship: Maybe<Ship>,
    #[link(from = born_on)]
    home: Maybe<Planet>,
    #[link(through = Friendship, from = a_id, to = b_id)]
    friends: Many<Person>,
    #[link(sql = "SELECT a_id, b_id FROM friendship WHERE a_id IN {keys}")]
    friends_by_hand: Many<Person>,
}

#[node(table = "planet", view = "SELECT * FROM planet", filter = "id > 0", schema = "space")]
pub struct Planet {
    #[key]
    pub id: i64,
    #[field(sql = "lower(name)")]
    pub lower: String,
    #[link(to = Person::born_on)]
    natives: Many<Person>,
}

#[node(table = "visit")]
pub struct Visit {
    #[key]
    pub fleet: String,
    #[key]
    pub number: i64,
    #[key]
    pub planet_id: i64,
    #[link(from(fleet, number))]
    ship: One<Ship>,
    #[link(from = planet_id)]
    planet: One<Planet>,
}

#[node(table = "friendship")]
pub struct Friendship {
    #[key]
    pub a_id: i64,
    #[key]
    pub b_id: i64,
    #[link(from = a_id)]
    a: One<Person>,
    #[link(from = b_id)]
    b: One<Person>,
}

#[root]
pub struct Query {
    #[link(by_key)]
    ship: Maybe<Ship>,
    #[link(page = 20)]
    people: Many<Person>,
}

fn main() {
    Graph::new::<Query>().unwrap();
}
