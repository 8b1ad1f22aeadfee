use hiku::prelude::*;

#[derive(Union)]
enum Found {}

fn main() {}
