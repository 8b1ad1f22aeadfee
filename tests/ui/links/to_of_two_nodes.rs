use hiku::prelude::*;

#[node(table = "ship")]
struct Ship {
    #[key]
    fleet: i64,
    #[key]
    number: i64,
    #[link(to(Captain::fleet, Mate::number))]
    captains: Many<Captain>,
}

#[node(table = "captain")]
struct Captain {
    #[key]
    id: i64,
    fleet: i64,
}

#[node(table = "mate")]
struct Mate {
    #[key]
    id: i64,
    number: i64,
}

fn main() {}
