//! What the macros print, seen from within: expansions, their size, and how many errors a bad item has.

mod errors;
mod expansions;
mod size;

use proc_macro2::TokenStream;

use crate::ast::Macro;
use crate::expand;

/// The expansion of an item under `#[node(..)]` or `#[root(..)]`.
fn expand(of: Macro, args: &str, item: &str) -> TokenStream {
    expand::attribute(of, args.parse().unwrap(), item.parse().unwrap())
}

fn node(args: &str, item: &str) -> TokenStream {
    expand(Macro::Node, args, item)
}

fn root(args: &str, item: &str) -> TokenStream {
    expand(Macro::Root, args, item)
}

/// As rustfmt would print it.
fn pretty(tokens: TokenStream) -> String {
    prettyplease::unparse(&syn::parse2(tokens).expect("an expansion is a list of items"))
}
