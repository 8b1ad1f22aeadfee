use hiku::prelude::*;

#[derive(Clone, Copy, Enum)]
#[enum_type(rename_all = "kebab-case")]
enum Genre {
    Drama,
}

fn main() {}
