use std::collections::BTreeMap;

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
    async fn crew(id: &[i64]) -> BTreeMap<i64, i64> {
        id.iter().map(|&id| (id, id)).collect()
    }
}

fn main() {}
