use hiku::prelude::*;

#[derive(Scalar)]
struct Path(Vec<String>);

fn main() {}
