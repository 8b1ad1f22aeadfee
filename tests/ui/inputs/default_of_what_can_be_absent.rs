use hiku::prelude::*;

#[derive(Input)]
struct Wanted {
    #[input(default = "none")]
    note: MaybeAbsent<String>,
}

fn main() {}
