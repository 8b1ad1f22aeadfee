use hiku::prelude::*;

#[node]
async fn ship(id: i64) -> i64 {
    id
}

fn main() {}
