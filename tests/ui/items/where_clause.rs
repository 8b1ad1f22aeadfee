use hiku::prelude::*;

#[node(table = "ship")]
struct Ship
where
    i64: Copy,
{
    #[key]
    id: i64,
}

fn main() {}
