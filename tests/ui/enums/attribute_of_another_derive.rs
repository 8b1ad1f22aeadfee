use hiku::prelude::*;

#[derive(Clone, Copy, Enum)]
enum Genre {
    #[field(name = "DRAMATIC")]
    Drama,
}

fn main() {}
