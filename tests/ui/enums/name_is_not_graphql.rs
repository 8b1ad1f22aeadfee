use hiku::prelude::*;

#[derive(Clone, Copy, Enum)]
enum Genre {
    #[item(name = "sci-fi")]
    SciFi,
    Café,
}

fn main() {}
