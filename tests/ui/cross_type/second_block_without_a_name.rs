use hiku::prelude::*;

#[node(table = "ship")]
struct Ship {
    #[key]
    id: i64,
}

#[node]
impl Ship {
    #[field]
    fn weight(id: i64) -> i64 {
        id
    }
}

#[node]
impl Ship {
    #[field]
    fn height(id: i64) -> i64 {
        id
    }
}

fn main() {}
