use hiku::prelude::*;

#[node(table = "ship")]
struct Ship {
    #[key]
    a: i64,
    #[key]
    b: i64,
    #[key]
    c: i64,
    #[key]
    d: i64,
    #[key]
    e: i64,
}

fn main() {}
