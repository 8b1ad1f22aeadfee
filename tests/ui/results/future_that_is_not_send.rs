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
    async fn crew(id: &[i64]) -> Vec<i64> {
        let shared = std::rc::Rc::new(1);
        std::future::ready(()).await;
        vec![*shared; id.len()]
    }
}

fn main() {}
