use hiku::prelude::*;

struct Reports;

#[root]
struct Mutation {}

#[root]
impl Mutation {
    #[field(transaction = Reports)]
    async fn launch() -> i32 {
        1
    }
}

fn main() {}
