use hiku::prelude::*;

#[node(table = "ship", scope = "tenant")]
struct Ship {
    #[key]
    id: i64,
}

fn main() {}
