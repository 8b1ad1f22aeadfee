use hiku::prelude::*;

#[derive(Scalar)]
struct Point(i64, i64);

fn main() {}
