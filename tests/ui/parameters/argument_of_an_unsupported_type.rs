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
    fn crew(id: i64, #[arg] rank: Rank) -> i64 {
        id + rank.0
    }
}

#[derive(Clone)]
struct Rank(i64);

fn main() {}
