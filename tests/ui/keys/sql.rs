use hiku::prelude::*;

#[node(table = "ship")]
struct Ship {
    #[key(sql = "rowid")]
    id: i64,
}

fn main() {}
