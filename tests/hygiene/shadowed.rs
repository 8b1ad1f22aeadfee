//! Everything that generated code could mean is something else here.

#![allow(
    dead_code,
    non_camel_case_types,
    non_snake_case,
    non_upper_case_globals,
    reason = "the names are there to be in the way"
)]

pub(crate) struct Result;
pub(crate) struct Option;
pub(crate) struct String;
pub(crate) struct Vec;
pub(crate) struct Box;
pub(crate) struct i64;
pub(crate) struct str;
pub(crate) struct Value;
pub(crate) struct Column;
pub(crate) struct Context;
pub(crate) struct Col;
pub(crate) struct Key;
pub(crate) struct Names;
pub(crate) struct Sized;
pub(crate) struct Send;
pub(crate) struct Clone;
pub(crate) fn Some() {}
pub(crate) fn Ok() {}
pub(crate) fn Err() {}
pub(crate) const None: () = ();
pub(crate) mod std {}
pub(crate) mod core {}
pub(crate) mod alloc {}
pub(crate) mod hiku {}
pub(crate) mod check {}

use ::hiku::{Many, Maybe, MaybeMany, One, node, root};

/// A node with one of everything.
#[node(memory, parts(second))]
#[derive(::core::clone::Clone)]
pub(crate) struct Ship {
    #[key]
    pub(crate) id: ::core::primitive::i64,
    /// A text that can be missing.
    #[field(name = "title", deprecated = "use `id`")]
    pub(crate) name: ::core::option::Option<::std::string::String>,
    #[link(to = Person::ship_id, page = 2, order = "-id")]
    crew: Many<Person>,
    #[link(through = Visit, all)]
    planets: Many<Planet>,
}

#[node]
impl Ship {
    /// Per row.
    #[field]
    fn length(name: ::core::option::Option<&::core::primitive::str>) -> ::core::primitive::i32 {
        name.map_or(0, |name| ::core::convert::TryFrom::try_from(name.len()).unwrap_or_default())
    }

    /// Per batch, with an argument.
    #[field]
    async fn times(
        id: &[::core::primitive::i64],
        #[arg(default = 2)] by: ::core::primitive::i64,
    ) -> ::std::vec::Vec<::core::primitive::i64> {
        ::core::future::ready(id.iter().map(|id| id * by).collect()).await
    }
}

#[node(part = second)]
impl Ship {
    #[link]
    fn sisters(id: &[::core::primitive::i64]) -> ::std::vec::Vec<MaybeMany<Ship>> {
        id.iter().map(|id| MaybeMany::keys([::core::option::Option::Some(3 - id)])).collect()
    }
}

#[node(memory)]
pub(crate) struct Person {
    #[key]
    pub(crate) id: ::core::primitive::i64,
    pub(crate) ship_id: ::core::primitive::i64,
    #[link(from = ship_id)]
    ship: One<Ship>,
}

#[node(memory)]
pub(crate) struct Planet {
    #[key]
    pub(crate) id: Code,
}

#[derive(::core::clone::Clone, PartialEq, Eq, Hash, ::hiku::Scalar)]
pub(crate) struct Code(pub(crate) ::std::string::String);

#[node(memory)]
pub(crate) struct Visit {
    #[key]
    pub(crate) ship_id: ::core::primitive::i64,
    #[key]
    pub(crate) planet_id: Code,
    #[link(from = ship_id)]
    ship: One<Ship>,
    #[link(from = planet_id)]
    planet: One<Planet>,
}

#[root]
pub(crate) struct Query {
    #[link(all)]
    ships: Many<Ship>,
    #[link(by_key)]
    ship: Maybe<Ship>,
}
