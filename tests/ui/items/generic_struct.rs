use hiku::prelude::*;

#[node(table = "ship")]
struct Ship<T> {
    #[key]
    id: T,
}

fn main() {}
