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
    fn crew(id: &[i64], name: &str) -> Vec<i64> {
        vec![name.len() as i64; id.len()]
    }
}

fn main() {}
