use hiku::prelude::*;

#[node(table = "ship", parts(crew))]
struct Ship {
    #[key]
    id: i64,
}

#[node(part = crew)]
impl Ship {}

#[node(part = cargo)]
impl Ship {
    #[field]
    fn weight(id: i64) -> i64 {
        id
    }
}

fn main() {}
