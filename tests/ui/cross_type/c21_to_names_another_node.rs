use hiku::prelude::*;

#[node(table = "ship")]
struct Ship {
    #[key]
    id: i64,
    #[link(to = Mate::ship_id)]
    captains: Many<Captain>,
}

#[node(table = "captain")]
struct Captain {
    #[key]
    id: i64,
    ship_id: i64,
}

#[node(table = "mate")]
struct Mate {
    #[key]
    id: i64,
    ship_id: i64,
}

fn main() {}
