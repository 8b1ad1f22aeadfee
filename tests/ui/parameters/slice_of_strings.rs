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
    fn shout(name: &[String]) -> Vec<String> {
        name.to_vec()
    }
}

fn main() {}
