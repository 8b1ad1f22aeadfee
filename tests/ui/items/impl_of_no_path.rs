use hiku::prelude::*;

#[node]
impl dyn Fn() {
    #[field]
    fn twice() -> i64 {
        2
    }
}

fn main() {}
