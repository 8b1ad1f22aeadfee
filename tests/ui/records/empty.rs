use hiku::prelude::*;

#[derive(Record)]
struct Place {}

fn main() {}
