use std::collections::HashMap;

use hiku::prelude::*;

#[node]
struct Ship {
    #[key]
    id: i64,
    name: String,
    class: Option<String>,
}

#[node]
impl Ship {
    #[load]
    async fn load(id: &[i64]) -> HashMap<i64, String> {
        id.iter().map(|&id| (id, id.to_string())).collect()
    }
}

fn main() {}
