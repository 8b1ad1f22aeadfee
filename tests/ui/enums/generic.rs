use hiku::prelude::*;

#[derive(Clone, Copy, Enum)]
enum Genre<const N: usize> {
    Drama,
}

fn main() {}
