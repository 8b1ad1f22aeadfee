use hiku::prelude::*;

#[node(table = "ship")]
struct Ship {
    #[key]
    id: i64,
    #[field(hidden = true)]
    secret: String,
}

fn main() {}
