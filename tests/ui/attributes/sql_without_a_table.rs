use hiku::prelude::*;

#[node(memory)]
struct Ship {
    #[key]
    id: i64,
    #[field(sql = "lower(name)")]
    lower: String,
}

fn main() {}
