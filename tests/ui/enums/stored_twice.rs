use hiku::prelude::*;

#[derive(Clone, Copy, Enum)]
enum Genre {
    Drama,
    #[item(stored = "DRAMA")]
    Tragedy,
}

fn main() {}
