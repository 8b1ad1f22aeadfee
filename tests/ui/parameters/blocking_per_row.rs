use hiku::prelude::*;

#[node(table = "ship")]
struct Ship {
    #[key]
    id: i64,
    name: String,
}

#[node]
impl Ship {
    #[field(blocking)]
    fn crew(id: i64) -> i64 {
        id
    }

    #[field(blocking)]
    fn captain(name: &str) -> String {
        name.to_owned()
    }
}

fn main() {}
