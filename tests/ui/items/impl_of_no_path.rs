use hiku::prelude::*;

trait Hull {}

#[node]
impl dyn Hull {
    #[field]
    fn twice() -> i64 {
        2
    }
}

fn main() {}
