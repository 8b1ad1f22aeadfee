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
    fn shout(class: &str) -> String {
        class.to_uppercase()
    }
}

fn main() {}
