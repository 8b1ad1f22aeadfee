use hiku::prelude::*;

#[root]
struct Query {
    version: i64,
}

fn main() {}
