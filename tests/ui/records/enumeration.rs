use hiku::prelude::*;

#[derive(Record)]
enum Place {
    Here,
    There,
}

fn main() {}
