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
    fn shout(name: String) -> String {
        name.to_uppercase()
    }
}

fn main() {}
