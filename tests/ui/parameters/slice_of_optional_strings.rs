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
    fn shout(class: &[Option<String>]) -> Vec<i32> {
        vec![0; class.len()]
    }
}

fn main() {}
