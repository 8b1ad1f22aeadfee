use hiku::prelude::*;

#[node(table = "ship")]
struct Ship {
    #[key]
    id: i64,
    name: String,
    class: Option<String>,
}

#[node]
impl Ship {
    #[field]
    const WHEELS: i64 = 0;
}

fn main() {}
