use hiku::prelude::*;

#[derive(Input)]
struct Wanted;

fn main() {}
