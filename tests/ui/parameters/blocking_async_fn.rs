use hiku::prelude::*;

#[node(table = "ship")]
struct Ship {
    #[key]
    id: i64,
    name: String,
}

#[node]
impl Ship {
    #[field(blocking)]
    async fn crew(id: &[i64]) -> Vec<i64> {
        id.to_vec()
    }
}

fn main() {}
