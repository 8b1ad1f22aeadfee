use hiku::prelude::*;

struct Ship<T>(T);

#[node]
impl<T> Ship<T> {
    #[field]
    fn twice(id: i64) -> i64 {
        id * 2
    }
}

fn main() {}
