use hiku::prelude::*;

#[node(table = "ship")]
struct Ship(#[key] i64);

fn main() {}
