use hiku::prelude::*;

#[node(tabel = "ship", rename_all = "loud")]
struct Ship {
    #[key(typ = Int)]
    id: Option<i64>,
    #[field(hidden = 1)]
    name: String,
    #[link(from = captain_id, to = Captain::ship_id)]
    captain: One<Captain>,
    crew: Many<Captain>,
}

#[node(table = "captain")]
struct Captain {
    #[key]
    id: i64,
    ship_id: i64,
}

fn main() {}
