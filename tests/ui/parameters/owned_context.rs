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
    async fn mass(context: Context) -> bool {
        context.get::<i64>().is_some()
    }
}

fn main() {}
