use hiku::prelude::*;

#[derive(Clone, Copy, Enum)]
#[enum_type(rename = "Kind")]
enum Genre {
    #[item(store = "drama")]
    Drama,
}

fn main() {}
