//! Annotations in hostile surroundings: what they generate names nothing that a user can shadow, and warns of nothing.
#![deny(warnings)]
#![deny(
    elided_lifetimes_in_paths,
    explicit_outlives_requirements,
    keyword_idents,
    let_underscore_drop,
    macro_use_extern_crate,
    missing_abi,
    missing_copy_implementations,
    missing_debug_implementations,
    missing_docs,
    non_ascii_idents,
    single_use_lifetimes,
    trivial_casts,
    trivial_numeric_casts,
    unreachable_pub,
    unused_extern_crates,
    unused_import_braces,
    unused_lifetimes,
    unused_qualifications,
    unused_results,
    variant_size_differences
)]
#![forbid(unsafe_code)]

/// Everything that generated code is tempted to name means something else here.
mod shadowed {
    #![allow(dead_code, unused_macros, reason = "they only stand in the way")]

    struct Option;
    struct Result;
    struct Vec;
    struct Box;
    struct String;
    struct HashMap;
    struct Some;
    struct None;
    struct Ok;
    struct Err;
    struct Column;
    struct Node;
    struct Root;
    struct Value;
    struct Character__;
    struct Columns;
    struct ThingColumns;
    struct Pin;
    trait Clone {}
    trait Copy {}
    trait Send {}
    trait Sync {}
    trait Default {}
    trait From {}
    trait Into {}
    trait Fn {}
    mod std {}
    mod core {}
    mod alloc {}
    mod hiku {}
    macro_rules! panic {
        () => {};
    }
    macro_rules! unreachable {
        () => {};
    }
    macro_rules! vec {
        () => {};
    }

    type Map<K, V> = ::std::collections::HashMap<K, V>;
    type Text = ::std::string::String;
    type Perhaps<T> = ::core::option::Option<T>;
    type Answer<T> = ::hiku::Result<T>;

    #[::hiku::node(table = "thing", filter = "1 = 1", order = "-name", parts(more))]
    pub(crate) struct Thing {
        #[key]
        id: i64,
        name: Text,
        note: Perhaps<Text>,
        #[field(type = ID)]
        other_id: ::core::option::Option<i64>,
        #[link(from = other_id)]
        other: ::hiku::Maybe<Thing>,
        #[link(to = Thing::other_id, page = 3, order = "name")]
        others: ::hiku::Many<Thing>,
    }

    #[::hiku::node]
    impl Thing {
        #[field]
        fn loud(
            name: &str,
            ::hiku::Data(sign): ::hiku::Data<char>,
            #[arg(default = 1)] times: ::core::option::Option<i32>,
        ) -> Text {
            let _ = times;
            ::std::format!("{name}{sign}")
        }

        #[field]
        async fn count(id: &[i64], _: &::hiku::Context) -> Answer<Map<i64, i32>> {
            ::core::result::Result::Ok(id.iter().map(|id| (*id, 1)).collect())
        }
    }

    #[::hiku::node(part = more)]
    impl Thing {
        #[link]
        async fn near(id: &[i64]) -> Map<i64, ::hiku::Many<Thing>> {
            id.iter().map(|id| (*id, ::hiku::Many::keys([*id]))).collect()
        }
    }

    #[derive(::hiku::Scalar, ::core::clone::Clone, ::core::cmp::PartialEq, ::core::cmp::Eq, ::core::hash::Hash)]
    pub(crate) struct Number(i64);

    #[::hiku::node]
    pub(crate) struct Loaded {
        #[key]
        id: Number,
    }

    #[::hiku::node]
    impl Loaded {
        #[load]
        async fn load(id: &[Number]) -> Map<Number, Self> {
            id.iter()
                .map(|id| (::core::clone::Clone::clone(id), Loaded { id: ::core::clone::Clone::clone(id) }))
                .collect()
        }
    }

    #[::hiku::root]
    pub(crate) struct Query {
        #[link(all)]
        things: ::hiku::Many<Thing>,
        #[link(by_key)]
        loaded: ::hiku::Maybe<Loaded>,
    }

    #[::hiku::root]
    impl Query {
        #[field]
        fn version(#[arg(default = 1)] major: i32) -> i32 {
            major
        }
    }
}

/// The crate goes by another name.
mod renamed {
    pub(crate) mod framework {
        pub(crate) use ::hiku as graphs;
    }

    use framework::graphs::{Many, node, root};

    #[node(table = "item", crate = framework::graphs)]
    pub(crate) struct Item {
        #[key]
        id: ItemId,
    }

    #[derive(framework::graphs::Scalar, Clone, PartialEq, Eq, Hash)]
    #[scalar(crate = framework::graphs)]
    pub(crate) struct ItemId(i64);

    #[node(crate = crate::renamed::framework::graphs)]
    impl Item {
        #[field]
        fn double(id: ItemId) -> i64 {
            id.0 * 2
        }
    }

    #[root(crate = framework::graphs)]
    pub(crate) struct Query {
        #[link]
        items: Many<Item>,
    }
}

/// Names that are keywords.
mod raw {
    #![allow(non_camel_case_types, reason = "keywords are in lower case")]

    use hiku::prelude::*;

    #[node(table = "type", order = "type, -match")]
    pub(crate) struct r#struct {
        #[key]
        r#type: i64,
        r#match: i64,
        #[link(from = r#match)]
        r#ref: One<r#struct>,
        #[link(to = r#struct::r#match, order = "-type")]
        r#loop: Many<r#struct>,
    }

    #[node]
    impl r#struct {
        #[field]
        fn r#fn(r#type: i64, #[arg(default = 2)] r#in: i64) -> i64 {
            r#type * r#in
        }

        #[field]
        async fn r#move(r#match: &[i64]) -> Vec<i64> {
            r#match.to_vec()
        }
    }

    #[root]
    pub(crate) struct Query {
        #[link]
        r#where: Many<r#struct>,
    }
}

/// What `#[cfg]` removes leaves nothing behind.
mod conditional {
    use hiku::prelude::*;

    #[node(table = "row")]
    pub(crate) struct Row {
        #[cfg(not(test))]
        before: NoSuchType,
        #[key]
        id: i64,
        #[cfg(test)]
        middle: i64,
        #[cfg(not(test))]
        after: NoSuchType,
        last: i64,
        #[cfg(not(test))]
        #[link(from = gone_id)]
        gone: One<NoSuchType>,
        #[cfg(not(test))]
        #[field(type = ID)]
        gone_id: NoSuchType,
        #[cfg(test)]
        #[link(from = middle)]
        next: One<Row>,
    }

    #[node]
    impl Row {
        #[cfg(not(test))]
        #[field]
        fn gone(none: NoSuchType) -> NoSuchType {
            none
        }

        #[cfg(test)]
        #[field]
        fn there(middle: i64) -> i64 {
            middle
        }

        #[cfg(not(test))]
        #[load]
        async fn load(id: &[NoSuchType]) -> Vec<NoSuchType> {
            id.to_vec()
        }
    }

    impl Row {
        pub(crate) fn new() -> Self {
            Row { id: 1, middle: 2, last: 3 }
        }
    }

    #[root]
    pub(crate) struct Query {
        #[link]
        rows: Many<Row>,
        #[cfg(not(test))]
        #[link]
        gone: Many<NoSuchType>,
    }
}

/// Blocks in a module below, types that only their module sees.
mod private {
    use hiku::prelude::*;

    #[node(table = "secret", parts(below))]
    struct Secret {
        #[key]
        id: SecretId,
    }

    #[derive(Scalar, Clone, PartialEq, Eq, Hash)]
    struct SecretId(String);

    mod below {
        use super::SecretId;
        use hiku::prelude::*;

        #[node]
        impl super::Secret {
            #[field]
            fn length(id: SecretId) -> i64 {
                id.0.len() as i64
            }
        }

        #[node(part = below)]
        impl super::Secret {
            #[field]
            fn twice(id: &[SecretId]) -> Vec<i64> {
                id.iter().map(|id| id.0.len() as i64 * 2).collect()
            }
        }
    }

    #[root]
    struct Query {
        #[link]
        secrets: Many<Secret>,
    }

    #[test]
    fn blocks_of_child_modules_count() {
        let def = Secret::def();
        assert_eq!(def.parts.iter().map(|part| part.len()).collect::<Vec<_>>(), [1, 1]);
        let sdl = crate::sdl::<Query>();
        assert!(sdl.contains("length: Int!") && sdl.contains("twice: Int!"), "{sdl}");
    }
}

/// Types of others by the same names as what is generated for ours.
mod same_names {
    use hiku::prelude::*;

    #[derive(Scalar, Clone)]
    pub(crate) struct WordColumns(i64);

    #[node(table = "word")]
    pub(crate) struct Word {
        #[key]
        id: i64,
        columns: WordColumns,
        def: i64,
        name: i64,
        key: i64,
    }

    #[node]
    impl Word {
        #[field]
        fn call(def: i64, #[arg] row: i64, #[arg] context: i64) -> i64 {
            def + row + context
        }
    }

    #[root]
    pub(crate) struct Query {
        #[link]
        words: Many<Word>,
    }
}

#[test]
fn a_graph_can_be_built_in_the_body_of_a_function() {
    use hiku::prelude::*;

    #[node(table = "local")]
    struct Local {
        #[key]
        id: i64,
        #[link(from = id)]
        itself: One<Local>,
    }

    #[node]
    impl Local {
        #[field]
        fn twice(id: i64) -> i64 {
            id * 2
        }
    }

    #[root]
    struct Query {
        #[link]
        locals: Many<Local>,
    }

    assert!(sdl::<Query>().contains("twice: Int!"));
}

/// The schema of the graph under this root.
fn sdl<R: hiku::Root>() -> String {
    let builder = hiku::Engine::builder(hiku::Graph::new::<R>().unwrap());
    builder.request_data::<hiku::sql::Db>().request_data::<char>().build().unwrap().sdl()
}

#[test]
fn graphs_in_hostile_surroundings_are_whole() {
    let text = sdl::<shadowed::Query>();
    for line in ["type Thing {", "loud(times: Int = 1): String!", "near: [Thing!]!", "version(major: Int! = 1): Int!"] {
        assert!(text.contains(line), "{line} is not in\n{text}");
    }
    assert!(sdl::<renamed::Query>().contains("double: Int!"));
    let text = sdl::<raw::Query>();
    for line in ["type struct {", "  type: ID!", "fn(in: Int! = 2): Int!", "  where(", "  loop("] {
        assert!(text.contains(line), "{line} is not in\n{text}");
    }
    assert!(sdl::<same_names::Query>().contains("call(row: Int!, context: Int!): Int!"));
}

#[test]
fn fields_that_are_not_there_take_no_column() {
    use hiku::graph::Node;
    use hiku::index::Column;

    let names: Vec<_> = conditional::Row::STORED.iter().map(|stored| stored.name).collect();
    assert_eq!(names, ["id", "middle", "last"]);
    let mut columns: Vec<Column> = conditional::Row::STORED.iter().map(|stored| Column::new(stored.ty)).collect();
    conditional::Row::new().write_to(&mut columns);
    assert!(columns.iter().all(|column| column.len() == 1));
    let text = sdl::<conditional::Query>();
    assert!(text.contains("middle: Int!") && text.contains("there: Int!") && !text.contains("gone"), "{text}");
}
