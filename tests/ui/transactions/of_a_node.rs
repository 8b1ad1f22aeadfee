use hiku::prelude::*;

#[node(table = "ship")]
struct Ship {
    #[key]
    id: i64,
}

#[node]
impl Ship {
    #[field(transaction)]
    async fn crew(id: &[i64]) -> Vec<i32> {
        id.iter().map(|_| 1).collect()
    }
}

fn main() {}
