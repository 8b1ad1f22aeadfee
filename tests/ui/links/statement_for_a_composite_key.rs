use hiku::prelude::*;

#[node(table = "ship")]
struct Ship {
    #[key]
    fleet: i64,
    #[key]
    number: i64,
    #[link(sql = "SELECT number, id FROM captain WHERE number IN {keys}")]
    captains: Many<Captain>,
}

#[node(table = "captain")]
struct Captain {
    #[key]
    id: i64,
    number: i64,
}

fn main() {}
