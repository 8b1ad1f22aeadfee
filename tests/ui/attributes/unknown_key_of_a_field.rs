use hiku::prelude::*;

#[node(table = "ship")]
struct Ship {
    #[key]
    id: i64,
    #[field(hiden)]
    secret: String,
}

fn main() {}
