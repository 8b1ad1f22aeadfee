use hiku::prelude::*;

#[node(table = "ship")]
struct Ship;

fn main() {}
