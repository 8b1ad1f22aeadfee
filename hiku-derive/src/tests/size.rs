//! Generated code is compiled with every build of its user: it is bounded.

use proc_macro2::TokenStream;

use super::{node, pretty};
use crate::expand::{derive_enum, derive_input, derive_record};

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
fn a_node_of_eight_fields_expands_to_at_most_4_kilobytes_and_104_lines() {
    let tokens = node("table = \"character\"", EIGHT_FIELDS);
    let bytes = tokens.to_string().len();
    let lines = pretty(tokens).lines().count();
    assert!(bytes <= 4096 && lines <= 104, "{bytes} bytes, {lines} lines");
}

#[test]
fn a_field_adds_little_to_an_expansion() {
    let with = node("table = \"character\"", EIGHT_FIELDS).to_string().len();
    let without = node("table = \"character\"", &EIGHT_FIELDS.replace("rank: i32,", "")).to_string().len();
    assert!(with - without <= 320, "{} bytes", with - without);
}

#[track_caller]
fn bounded(expand: fn(TokenStream) -> TokenStream, item: &str, member: &str, most: usize, for_each: usize) {
    let bytes = |item: &str| expand(item.parse().unwrap()).to_string().len();
    let (with, without) = (bytes(item), bytes(&item.replace(member, "")));
    assert!(with <= most && with - without <= for_each, "{with} bytes, {} for a member", with - without);
}

#[test]
fn an_enum_of_five_values_expands_to_at_most_2_kilobytes_and_a_value_adds_little() {
    bounded(derive_enum, "enum Genre { Drama, Comedy, Western, SciFi, Musical }", "Western,", 2048, 96);
}

#[test]
fn a_record_of_four_fields_expands_to_at_most_2_kilobytes_and_a_field_adds_little() {
    let item = "struct Place { name: String, people: i32, zip_code: Option<String>, parts: Vec<String> }";
    bounded(derive_record, item, "people: i32,", 2048, 320);
}

#[test]
fn an_input_of_four_fields_expands_to_at_most_2_kilobytes_and_a_field_adds_little() {
    let item = "struct Wanted { name: String, people: i32, zip_code: Option<String>, parts: Vec<String> }";
    bounded(derive_input, item, "people: i32,", 2048, 320);
}
