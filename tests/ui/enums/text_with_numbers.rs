use hiku::prelude::*;

#[derive(Clone, Copy, Enum)]
enum Rank {
    Ensign = 1,
    Captain = 5,
}

fn main() {}
