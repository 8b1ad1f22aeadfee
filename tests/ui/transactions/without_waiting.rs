use hiku::prelude::*;

#[root]
struct Mutation {}

#[root]
impl Mutation {
    #[field(transaction)]
    fn launch() -> i32 {
        1
    }
}

fn main() {}
