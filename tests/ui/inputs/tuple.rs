use hiku::prelude::*;

#[derive(Input)]
struct Wanted(String);

fn main() {}
