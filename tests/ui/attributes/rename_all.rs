use hiku::prelude::*;

#[node(table = "ship", rename_all = "kebab-case")]
struct Ship {
    #[key]
    id: i64,
}

fn main() {}
