use hiku::prelude::*;

#[derive(Scalar)]
struct Distance(u64);

fn main() {}
