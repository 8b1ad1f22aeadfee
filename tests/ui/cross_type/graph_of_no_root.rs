use hiku::prelude::*;

#[node(table = "ship")]
struct Ship {
    #[key]
    id: i64,
}

fn main() {
    let _ = Graph::new::<Ship>();
}
