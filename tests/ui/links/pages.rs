use hiku::prelude::*;

#[node(table = "ship")]
struct Ship {
    #[key]
    id: i64,
    #[link(to = Captain::ship_id, page = 500, max = 50)]
    captains: Many<Captain>,
    #[link(to = Captain::ship_id, all, page = 50)]
    all_captains: Many<Captain>,
    #[link(to = Captain::ship_id, page = 0)]
    no_captains: Many<Captain>,
    #[link(to = Captain::ship_id, page = 50)]
    captain: One<Captain>,
}

#[node(table = "captain")]
struct Captain {
    #[key]
    id: i64,
    ship_id: i64,
}

fn main() {}
