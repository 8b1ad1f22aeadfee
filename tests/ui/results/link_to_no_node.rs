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
    #[link]
    async fn captain(id: &[i64]) -> Vec<One<Captain>> {
        captains(id).await
    }
}

struct Captain(i64);

async fn captains<T>(id: &[i64]) -> Vec<T> {
    Vec::with_capacity(id.len())
}

fn main() {}
