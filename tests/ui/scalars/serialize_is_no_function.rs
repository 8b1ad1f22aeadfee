use hiku::prelude::*;

#[derive(Scalar)]
#[scalar(serialize = Email::print)]
struct Email(String);

fn main() {}
