use hiku::prelude::*;

#[root]
struct Query;

#[root]
impl Query {
    #[load]
    async fn load() -> i64 {
        2
    }
}

fn main() {}
