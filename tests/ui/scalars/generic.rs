use hiku::prelude::*;

#[derive(Scalar)]
struct Id<T>(T);

fn main() {}
