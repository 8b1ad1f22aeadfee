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
    fn twice(id: &mut [i64]) -> Vec<i64> {
        id.to_vec()
    }
}

fn main() {}
