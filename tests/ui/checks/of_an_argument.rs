use hiku::prelude::*;

#[root]
struct Query {}

#[root]
impl Query {
    #[field]
    fn names(#[arg(range(max = 3))] of: Option<String>) -> Vec<String> {
        of.into_iter().collect()
    }
}

fn main() {}
