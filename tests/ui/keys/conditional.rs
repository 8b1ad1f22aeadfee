use hiku::prelude::*;

#[node(table = "ship")]
struct Ship {
    #[key]
    #[cfg(not(any()))]
    id: i64,
}

fn main() {}
