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
    fn crew(id: i64, #[arg(default = "ten")] first: i32) -> i64 {
        id + i64::from(first)
    }
}

fn main() {}
