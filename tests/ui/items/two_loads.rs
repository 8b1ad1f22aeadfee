use hiku::prelude::*;

#[node(table = "ship")]
struct Ship {
    #[key]
    id: i64,
    name: String,
    class: Option<String>,
}

#[node]
impl Ship {
    #[load]
    fn load(id: &[i64]) -> Vec<Option<Ship>> {
        id.iter().map(|_| None).collect()
    }

    #[load]
    fn load_again(id: &[i64]) -> Vec<Option<Ship>> {
        id.iter().map(|_| None).collect()
    }
}

fn main() {}
