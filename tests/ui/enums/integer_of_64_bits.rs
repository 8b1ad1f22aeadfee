use hiku::prelude::*;

#[derive(Clone, Copy, Enum)]
#[enum_type(stored = "integer")]
enum Rank {
    Ensign = 1,
    Captain = 5_000_000_000,
}

fn main() {}
