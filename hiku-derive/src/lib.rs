//! The macros of hiku: `#[node]`, `#[root]` and `#[derive(Scalar)]`. Use them through the `hiku` crate, whose guide
//! explains them.
//!
//! An annotated item goes through stages, each a module: `attr` and `lower` read it into the data of `ast`, `check` judges
//! that, `expand` prints definitions, which cannot fail. Mistakes are collected in a `Ctxt` and reported together; the
//! user's item survives them, with a stub in place of the definition, so that one mistake is one error.
//!
//! Deliberately absent: knowledge of types. What depends on them is left to bounds and constant evaluation in the user's crate.

mod ast;
mod attr;
mod check;
mod ctxt;
mod diag;
mod expand;
mod lower;
#[cfg(test)]
mod tests;

use proc_macro::TokenStream;

use crate::ast::Macro;

/// Makes a node of the graph of a struct, or gives it computed fields and links by an `impl` block.
///
/// On a struct with named fields: `table`, `schema`, `view`, `db`, `filter`, `scope`, `order`, `name`, `rename_all`, `crate`,
/// `parts(..)`. On its fields: `#[key]`, `#[field]`, `#[link]`; fields with `#[link]` are removed from the struct.
/// `#[derive(..)]` stands below `#[node]`, so that it does not see them.
///
/// On an `impl` block: `part`, `rename_all`, `crate`. On its functions: `#[field]`, `#[link]`, `#[load]`; on their
/// parameters: `#[arg]`.
#[proc_macro_attribute]
pub fn node(args: TokenStream, item: TokenStream) -> TokenStream {
    expand::attribute(Macro::Node, args.into(), item.into()).into()
}

/// Makes a root of the graph, where queries start, of a struct, or gives it fields and links by an `impl` block.
///
/// On a struct: `name`, `rename_all`, `crate`, `parts(..)`. On its fields: `#[link]` (every row, in pages), `#[link(all)]`
/// (every row), `#[link(by_key)]`.
///
/// On an `impl` block as for [`macro@node`].
#[proc_macro_attribute]
pub fn root(args: TokenStream, item: TokenStream) -> TokenStream {
    expand::attribute(Macro::Root, args.into(), item.into()).into()
}

/// Makes a scalar of the schema of a newtype: `struct CharacterId(i64);`.
///
/// `#[scalar(name = "..", specified_by = "https://..", crate = path)]` changes its name, and says where it is specified.
/// With `Clone, PartialEq, Eq, Hash` it can be a key.
#[proc_macro_derive(Scalar, attributes(scalar))]
pub fn scalar(item: TokenStream) -> TokenStream {
    expand::derive_scalar(item.into()).into()
}
