use hiku::prelude::*;

#[node(table = "ship", db = Reports)]
struct Ship {
    #[key]
    id: i64,
}

struct Reports;

fn main() {}
