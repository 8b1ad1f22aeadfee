//! All mistakes of an item are reported at once, each once.

use proc_macro2::TokenStream;

use super::{node, root};

/// The messages of an expansion, in order.
fn messages(tokens: TokenStream) -> Vec<String> {
    let text = tokens.to_string();
    let rest = text.split("compile_error ! {").skip(1);
    rest.map(|rest| rest.split('"').nth(1).unwrap().to_owned()).collect()
}

#[test]
fn a_struct_with_seven_mistakes_has_seven_errors() {
    let messages = messages(node(
        "tabel = \"ship\", rename_all = \"loud\", parts(cargo, cargo)",
        "struct Ship {
            #[key(typ = Int)]
            id: i64,
            #[field(hidden = 1)]
            name: String,
            #[link(from = captain_id, to = Captain::ship_id)]
            captain: One<Captain>,
            crew: Many<Captain>,
        }",
    ));
    assert_eq!(messages.len(), 7, "{messages:#?}");
}

#[test]
fn a_block_with_seven_mistakes_has_seven_errors() {
    let messages = messages(node(
        "parts = cargo",
        "impl Ship {
            #[field]
            fn shout(&self) -> String { String::new() }
            #[field]
            async fn crew(id: i64) -> i64 { id }
            #[field]
            fn names(name: &[String]) -> Vec<i64> { Vec::new() }
            #[link(hiden)]
            fn sisters(id: &[i64]) -> Vec<Many<Ship>> { Vec::new() }
            #[field]
            fn nothing(id: i64) {}
            #[load]
            fn load() -> Vec<Option<Ship>> { Vec::new() }
        }",
    ));
    assert_eq!(messages.len(), 7, "{messages:#?}");
}

#[test]
fn a_root_with_three_mistakes_has_three_errors() {
    let messages =
        messages(root("table = \"query\"", "struct Query { version: i64, #[link(by_key)] ships: Many<Ship> }"));
    assert_eq!(messages.len(), 3, "{messages:#?}");
}

#[test]
fn an_item_that_is_no_rust_has_the_error_of_its_parser() {
    assert_eq!(messages(node("", "struct Ship { id }")).len(), 1);
}

#[test]
fn an_item_without_mistakes_has_no_error() {
    assert!(messages(node("table = \"ship\"", "struct Ship { #[key] id: i64 }")).is_empty());
}

#[test]
fn the_users_item_survives_its_mistakes() {
    let tokens = node("tabel = \"ship\"", "pub struct Ship { #[key] id: i64, #[link] crew: Many<Person> }").to_string();
    assert!(tokens.starts_with("pub struct Ship { id : i64 }"), "{tokens}");
    assert!(tokens.contains("impl __hiku :: Node for Ship"), "{tokens}");
    let tokens = node("", "impl Ship { #[field] fn shout(&self) -> String { self.name.clone() } }").to_string();
    assert!(tokens.starts_with("impl Ship { fn shout (& self) -> String { self . name . clone () } }"), "{tokens}");
}
