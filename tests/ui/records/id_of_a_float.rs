use hiku::prelude::*;

#[derive(Record)]
struct Place {
    #[field(type = ID)]
    area: f64,
    #[field(type = BigInt)]
    name: String,
    #[field(type = Int)]
    title: String,
}

fn main() {}
