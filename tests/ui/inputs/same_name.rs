use hiku::prelude::*;

#[derive(Input)]
struct Wanted {
    full_name: String,
    #[input(name = "fullName")]
    name: String,
}

fn main() {}
