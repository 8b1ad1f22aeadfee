use hiku::prelude::*;

#[derive(Input)]
struct Wanted {
    name: String,
}

#[node(table = "ship")]
struct Ship {
    #[key]
    id: i64,
    wanted: Wanted,
}

fn main() {}
