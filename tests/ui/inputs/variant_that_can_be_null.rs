use hiku::prelude::*;

#[derive(Input)]
enum By {
    Id(ID),
    Name(Option<String>),
    Note(MaybeAbsent<String>),
}

fn main() {}
