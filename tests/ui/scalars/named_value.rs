use hiku::prelude::*;

#[derive(Scalar)]
struct Email {
    text: String,
}

fn main() {}
