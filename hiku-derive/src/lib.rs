//! The macros of hiku: `#[node]`, `#[root]` and the derives of types. Use them through the `hiku` crate, whose guide
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
mod place;
#[cfg(test)]
mod tests;

use proc_macro::TokenStream;

use crate::ast::{Abstract, Macro};

/// Makes a node of the graph of a struct, or gives it computed fields and links by an `impl` block.
///
/// On a struct with named fields: `table` with `schema`, `view`, `db`, `filter`, `scope` and `order`, or `memory`; `name`,
/// `rename_all`, `crate`, `parts(..)`. On its fields:
/// - `#[key]`: `type`, `hidden`, `name`, `column`, `deprecated`
/// - `#[field]`: `hidden`, `name`, `column`, `type`, `sql`, `deprecated`
/// - `#[link]`: one of `to`, `from`, `through` (with `from` and `to`, if it is not clear which fields are meant) and `sql`; then
///   `all`, or `page` and `max`; `order`, `name`, `hidden`, `deprecated`. These fields are removed from the struct.
///
/// `#[derive(..)]` stands below `#[node]`, so that it does not see them.
///
/// On an `impl` block: `part`, `rename_all`, `crate`. On its functions: `#[field]` and `#[link]` with `name`, `hidden`,
/// `deprecated`; `#[load]` with nothing. On their parameters: `#[arg]` with `default`, `name`, `deprecated`, and the
/// checks of [`macro@Input`].
#[proc_macro_attribute]
pub fn node(args: TokenStream, item: TokenStream) -> TokenStream {
    expand::attribute(Macro::Node, args.into(), item.into()).into()
}

/// Makes a root of the graph, where queries or mutations start, of a struct, or gives it fields and links by an `impl` block.
///
/// On a struct: `name`, `rename_all`, `crate`, `parts(..)`. On its fields: `#[link]` (every row, in pages), `#[link(all)]`
/// (every row), `#[link(by_key)]` (one row); with `page`, `max`, `order`, `name`, `hidden`, `deprecated`.
///
/// On an `impl` block as for [`macro@node`]; in that of the root of mutations, `#[field]` and `#[link]` take `transaction`, or
/// `transaction = Reports` with the type of another database: what the function does, and what is loaded below it, is done as
/// a whole or not at all.
#[proc_macro_attribute]
pub fn root(args: TokenStream, item: TokenStream) -> TokenStream {
    expand::attribute(Macro::Root, args.into(), item.into()).into()
}

/// Makes a scalar of the schema of a newtype: `struct CharacterId(i64);`.
///
/// `#[scalar(name = "..", specified_by = "https://..", crate = path)]` changes its name, and says where it is specified.
/// `parse = path` is a `fn(&serde_json::Value) -> Result<Self, E>` with an error that prints, from what a request gives;
/// `serialize = path` is a `fn(&Self) -> serde_json::Value`, to what a response has.
///
/// With `Clone, PartialEq, Eq, Hash` it can be a key.
#[proc_macro_derive(Scalar, attributes(scalar))]
pub fn scalar(item: TokenStream) -> TokenStream {
    expand::derive_scalar(item.into()).into()
}

/// Makes an enum of the schema of an enum without fields: `enum Genre { Drama, SciFi }`. It must be `Copy`.
///
/// Its values are named `DRAMA`, `SCI_FI`. `#[enum_type(..)]` takes `name`, `rename_all`, `crate`, and
/// `stored = "integer"`, with which columns hold the discriminants; else they hold the names. On variants `#[item(..)]` takes
/// `name`, `stored` (the text in columns) and `deprecated`.
#[proc_macro_derive(Enum, attributes(enum_type, item))]
pub fn enumeration(item: TokenStream) -> TokenStream {
    expand::derive_enum(item.into()).into()
}

/// Makes a type of values with fields of a struct: a field of a node can have it, stored as JSON or answered by a function.
///
/// `#[record(..)]` takes `name`, `rename_all`, `crate`. On fields `#[field(..)]` takes `name`, `type`, `deprecated`.
#[proc_macro_derive(Record, attributes(record, field))]
pub fn record(item: TokenStream) -> TokenStream {
    expand::derive_record(item.into()).into()
}

/// Makes a type of arguments of a struct with named fields; of an enum, one of whose variants a request gives (`@oneOf`).
///
/// `#[input(..)]` takes `name`, `rename_all`, `crate`. On fields it takes `default`, `name`, `deprecated` and what must hold of
/// the value: `length(min = 1, max = 10)`, `range(min = 0, max = 9.5)`, `pattern = "^a"`, `check = path` with a
/// `fn(&T) -> Result<(), E>`.
#[proc_macro_derive(Input, attributes(input))]
pub fn input(item: TokenStream) -> TokenStream {
    expand::derive_input(item.into()).into()
}

/// Makes a union of nodes of an enum: `enum SearchResult { Actor(Actor), Movie(Movie) }`. Links lead to it as to a node; its
/// keys are those of the nodes: `SearchResultKey::Movie(1)`.
///
/// `#[union(..)]` takes `name`, `crate`.
#[proc_macro_derive(Union, attributes(union))]
pub fn union(item: TokenStream) -> TokenStream {
    expand::derive_cases(Abstract::Union, item.into()).into()
}

/// Makes an interface of nodes of an enum, as [`macro@Union`] does, with fields and links that each of the nodes has.
///
/// `#[interface(..)]` takes `name`, `rename_all`, `crate`, `implements(Other, ..)`, and any number of `field(title: String)`,
/// `field(title(upper: bool): String)` and `link(author: Maybe<Person>)`, each with doc comments before it.
#[proc_macro_derive(Interface, attributes(interface))]
pub fn interface(item: TokenStream) -> TokenStream {
    expand::derive_cases(Abstract::Interface, item.into()).into()
}
