use hiku::prelude::*;

#[derive(Record)]
#[record(rename = "Site")]
struct Place {
    #[field(nam = "title")]
    name: String,
    #[field(column = "people")]
    inhabitants: i32,
}

fn main() {}
