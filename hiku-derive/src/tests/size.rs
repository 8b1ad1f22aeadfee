//! Generated code is compiled with every build of its user: it is bounded.

use super::{node, pretty};

const EIGHT_FIELDS: &str = "
    /// Someone aboard the Enterprise.
    pub struct Character {
        #[key]
        id: i64,
        name: String,
        species: Option<String>,
        rank: i32,
        height: f64,
        retired: bool,
        tags: Vec<String>,
        #[field(hidden)]
        ship_id: i64,
    }";

#[test]
fn a_node_of_eight_fields_expands_to_at_most_4_kilobytes_and_90_lines() {
    let tokens = node("table = \"character\"", EIGHT_FIELDS);
    let bytes = tokens.to_string().len();
    let lines = pretty(tokens).lines().count();
    assert!(bytes <= 4096 && lines <= 90, "{bytes} bytes, {lines} lines");
}

#[test]
fn a_field_adds_little_to_an_expansion() {
    let with = node("table = \"character\"", EIGHT_FIELDS).to_string().len();
    let without = node("table = \"character\"", &EIGHT_FIELDS.replace("rank: i32,", "")).to_string().len();
    assert!(with - without <= 320, "{} bytes", with - without);
}
