use hiku::prelude::*;

#[derive(Clone, Copy, Enum)]
struct Genre {
    drama: bool,
}

fn main() {}
