use hiku::prelude::*;

#[node(tabel = "ship")]
struct Ship {
    #[key]
    id: i64,
}

fn main() {}
