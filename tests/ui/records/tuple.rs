use hiku::prelude::*;

#[derive(Record)]
struct Place(String, i64);

fn main() {}
