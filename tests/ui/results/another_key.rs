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
    async fn crew(id: &[i64]) -> HashMap<String, i64> {
        id.iter().map(|&id| (id.to_string(), id)).collect()
    }
}

fn main() {}
