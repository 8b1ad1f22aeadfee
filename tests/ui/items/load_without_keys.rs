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
    fn load() -> Vec<Option<Ship>> {
        Vec::new()
    }
}

fn main() {}
