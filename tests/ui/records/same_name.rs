use hiku::prelude::*;

#[derive(Record)]
struct Place {
    full_name: String,
    #[field(name = "fullName")]
    name: String,
}

fn main() {}
