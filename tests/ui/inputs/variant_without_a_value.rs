use hiku::prelude::*;

#[derive(Input)]
enum By {
    Id(ID),
    Newest,
}

fn main() {}
