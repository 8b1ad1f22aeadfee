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
    fn lengths(name: &Vec<String>) -> Vec<i32> {
        vec![0; name.len()]
    }
}

fn main() {}
