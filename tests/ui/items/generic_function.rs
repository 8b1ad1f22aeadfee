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
    fn twice<T: From<i64>>(id: i64) -> T {
        id.into()
    }
}

fn main() {}
