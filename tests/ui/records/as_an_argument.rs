use hiku::prelude::*;

#[derive(Record)]
struct Place {
    name: String,
}

#[root]
struct Query {}

#[root]
impl Query {
    #[field]
    fn distance(#[arg] from: Place, #[arg] to: Vec<Place>) -> f64 {
        let _ = (from, to);
        0.0
    }
}

fn main() {}
