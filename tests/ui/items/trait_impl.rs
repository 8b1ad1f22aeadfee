use hiku::prelude::*;

#[node(table = "ship")]
struct Ship {
    #[key]
    id: i64,
}

#[node]
impl Clone for Ship {
    fn clone(&self) -> Self {
        Ship { id: self.id }
    }
}

fn main() {}
