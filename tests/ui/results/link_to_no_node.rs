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
    async fn captain(id: &[i64]) -> HashMap<i64, One<Captain>> {
        id.iter().map(|&id| (id, One::key(id))).collect()
    }
}

struct Captain(i64);

fn main() {}
