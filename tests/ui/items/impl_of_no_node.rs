use hiku::prelude::*;

struct Ship {
    id: i64,
}

#[node]
impl Ship {
    #[field]
    fn twice(id: i64) -> i64 {
        id * 2
    }
}

fn main() {}
