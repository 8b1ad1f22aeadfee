use hiku::prelude::*;

#[node(memory)]
struct Ship {
    #[key]
    id: i64,
}

#[node]
impl Ship {
    #[field]
    fn label(id: i64, #[arg] upper: bool, #[arg] size: i32) -> String {
        format!("{id} {upper} {size}")
    }
}

#[derive(Interface)]
#[interface(field(label(upper: bool, size: i32, lang: Option<String>): String))]
enum Labelled {
    Ship(Ship),
}

fn main() {}
