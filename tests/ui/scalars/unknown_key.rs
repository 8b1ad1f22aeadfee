use hiku::prelude::*;

#[derive(Scalar)]
#[scalar(nmae = "Mail")]
struct Email(String);

fn main() {}
