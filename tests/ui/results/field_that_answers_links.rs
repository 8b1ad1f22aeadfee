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
    #[field]
    async fn sisters(id: &[i64]) -> HashMap<i64, Many<Ship>> {
        id.iter().map(|&id| (id, Many::keys([id]))).collect()
    }
}

fn main() {}
