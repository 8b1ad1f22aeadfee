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
    async fn load(id: &[i64], #[arg] first: i32) -> Vec<Option<Ship>> {
        Vec::with_capacity(id.len() + first as usize)
    }
}

fn main() {}
