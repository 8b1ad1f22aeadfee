use hiku::prelude::*;

#[derive(Input)]
enum By {
    Id(ID),
    #[input(default = "Ann")]
    Name(String),
}

fn main() {}
