use hiku::prelude::*;

#[derive(Scalar)]
#[scalar(parse = parse)]
struct Email(String);

fn parse(value: &serde_json::Value) -> Email {
    Email(value.to_string())
}

fn main() {}
