use hiku::prelude::*;

#[derive(Clone, Copy, Enum)]
enum Genre {}

fn main() {}
