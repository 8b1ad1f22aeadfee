use hiku::prelude::*;

#[derive(Clone, Copy, Enum)]
#[enum_type(stored = "number")]
enum Rank {
    Ensign,
    Captain,
}

fn main() {}
