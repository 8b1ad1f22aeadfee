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
    #[link]
    fn twice(id: i64) -> i64 {
        id * 2
    }
}

fn main() {}
