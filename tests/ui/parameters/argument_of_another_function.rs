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
    fn crew(#[arg] first: i32) -> i32 {
        first
    }
}

fn main() {}
