use hiku::prelude::*;

#[derive(Clone, Copy, Enum)]
#[enum_type(rename_all = "snake_case")]
enum Answer {
    True,
    False,
    #[item(name = "null")]
    Unknown,
}

fn main() {}
