use hiku::prelude::*;

#[derive(Input)]
struct Wanted {
    name: String,
}

#[root]
struct Query {}

#[root]
impl Query {
    #[field]
    fn wanted() -> Vec<Wanted> {
        Vec::new()
    }
}

fn main() {}
