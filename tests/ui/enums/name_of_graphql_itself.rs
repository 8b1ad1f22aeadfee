use hiku::prelude::*;

#[derive(Clone, Copy, Enum)]
#[enum_type(name = "__Genre")]
enum Genre {
    Drama,
    #[item(name = "__WESTERN")]
    Western,
}

fn main() {}
