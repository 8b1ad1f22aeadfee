use hiku::prelude::*;

#[derive(Scalar)]
#[scalar(parse = parse)]
struct Email(String);

struct NoEmail;

fn parse(value: &serde_json::Value) -> Result<Email, NoEmail> {
    value.as_str().map(|text| Email(text.to_owned())).ok_or(NoEmail)
}

fn main() {}
