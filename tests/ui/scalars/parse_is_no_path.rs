use hiku::prelude::*;

#[derive(Scalar)]
#[scalar(parse = "parse")]
struct Email(String);

fn main() {}
