use std::collections::HashMap;

use hiku::prelude::*;

#[node(table = "ship")]
struct Ship {
    #[key]
    id: i64,
}

#[node]
impl Ship {
    #[load]
    async fn load(id: &[i64]) -> HashMap<i64, Ship> {
        id.iter().map(|&id| (id, Ship { id })).collect()
    }
}

fn main() {}
