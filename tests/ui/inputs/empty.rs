use hiku::prelude::*;

#[derive(Input)]
struct Wanted {}

#[derive(Input)]
enum By {}

fn main() {}
