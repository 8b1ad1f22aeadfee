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
    fn first((a, _): (i64, i64)) -> i64 {
        a
    }
}

fn main() {}
