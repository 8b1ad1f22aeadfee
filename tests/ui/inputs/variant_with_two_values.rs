use hiku::prelude::*;

#[derive(Input)]
enum By {
    Id(ID),
    Name(String, String),
    Year { year: i32 },
}

fn main() {}
