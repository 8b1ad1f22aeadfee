use hiku::prelude::*;

#[node(table = "ship")]
struct Ship {
    #[key]
    id: i64,
    name: String,
}

#[node]
impl Ship {
    #[field(blocking = true)]
    fn crew(id: &[i64]) -> Vec<i64> {
        id.to_vec()
    }

    #[load(block)]
    fn load(id: &[i64]) -> Vec<Option<Ship>> {
        id.iter().map(|_| None).collect()
    }
}

fn main() {}
