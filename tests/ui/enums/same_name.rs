use hiku::prelude::*;

#[derive(Clone, Copy, Enum)]
enum Genre {
    SciFi,
    #[item(name = "SCI_FI")]
    ScienceFiction,
}

fn main() {}
