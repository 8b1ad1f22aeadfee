use hiku::prelude::*;

#[node(table = "ship")]
struct Ship {
    #[key]
    id: i64,
    #[field(sql = "lower(name)", column = "name")]
    lower: String,
}

fn main() {}
