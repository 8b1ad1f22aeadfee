use hiku::prelude::*;

#[derive(Scalar)]
#[scalar(serialize = print)]
struct Email(String);

fn print(email: Email) -> serde_json::Value {
    email.0.into()
}

fn main() {}
