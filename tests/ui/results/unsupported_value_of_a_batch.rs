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
    async fn crew(id: &[i64]) -> HashMap<i64, Crew> {
        id.iter().map(|&id| (id, Crew(id))).collect()
    }
}

struct Crew(i64);

fn main() {}
