use hiku::prelude::*;

#[node(table = "ship", name = "star-ship")]
struct Ship {
    #[key]
    id: i64,
    größe: i32,
}

fn main() {}
