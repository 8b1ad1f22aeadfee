use hiku::prelude::*;

#[derive(Clone, Copy, Enum)]
#[enum_type(stored = "integer")]
enum Rank {
    Ensign,
    Captain,
}

fn main() {}
