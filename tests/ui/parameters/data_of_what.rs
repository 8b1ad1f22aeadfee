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
    #[field]
    async fn mass(scale: Data) -> f64 {
        1.0
    }
}

fn main() {}
