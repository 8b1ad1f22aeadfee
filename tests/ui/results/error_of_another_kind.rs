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
    async fn crew(id: &[i64]) -> Result<Vec<i64>, Trouble> {
        if id.is_empty() { Err(Trouble) } else { Ok(id.to_vec()) }
    }
}

struct Trouble;

fn main() {}
