use hiku::prelude::*;

#[derive(Clone, Copy, Enum)]
#[enum_type(stored = "integer")]
enum Rank {
    Ensign = 1,
    #[item(stored = "captain")]
    Captain = 5,
}

fn main() {}
