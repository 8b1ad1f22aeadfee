use std::collections::HashMap;

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
    async fn sisters(id: &[i64]) -> HashMap<i64, i64> {
        id.iter().map(|&id| (id, id)).collect()
    }
}

fn main() {}
