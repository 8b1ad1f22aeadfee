use hiku::prelude::*;

#[root]
struct Query;

#[root]
impl Query {
    #[field]
    async fn greeting(whom: &str) -> String {
        format!("hello {whom}")
    }

    #[field]
    async fn greetings(whom: &[i64]) -> i32 {
        whom.len() as i32
    }
}

fn main() {}
