use hiku::prelude::*;

#[node(table = "ship")]
struct Ship {
    #[key]
    id: i64,
    class: Class,
}

struct Class(String);

fn main() {}
