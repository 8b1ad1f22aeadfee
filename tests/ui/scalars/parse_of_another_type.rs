use hiku::prelude::*;

#[derive(Scalar)]
#[scalar(parse = parse, serialize = print)]
struct Email(String);

fn parse(text: &str) -> Result<Email> {
    Ok(Email(text.to_owned()))
}

fn print(email: &Email) -> String {
    email.0.clone()
}

fn main() {}
