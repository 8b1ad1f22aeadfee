//! The macros in hostile surroundings: whatever the user's names, modules and lints are, an expansion compiles and warns of
//! nothing.

#![deny(warnings)]
#![deny(
    clippy::all,
    clippy::pedantic,
    let_underscore,
    missing_copy_implementations,
    missing_debug_implementations,
    rust_2018_idioms,
    single_use_lifetimes,
    trivial_casts,
    trivial_numeric_casts,
    unreachable_pub,
    unsafe_code,
    unused_lifetimes,
    unused_qualifications,
    unused_results
)]

mod shadowed;

use hiku::{Engine, Graph, Memory};
use serde_json::json;

#[test]
fn expansions_name_nothing_of_their_surroundings() {
    use shadowed::{Code, Person, Planet, Query, Ship, Visit};
    let engine = Engine::builder(Graph::new::<Query>().unwrap())
        .data(Memory::new(&[Ship { id: 1, name: Some("Enterprise".into()) }, Ship { id: 2, name: None }]))
        .data(Memory::new(&[Person { id: 1, ship_id: 1 }, Person { id: 2, ship_id: 1 }]))
        .data(Memory::new(&[Planet { id: Code("vulcan".into()) }]))
        .data(Memory::new(&[Visit { ship_id: 2, planet_id: Code("vulcan".into()) }]))
        .build()
        .unwrap();
    let query = "{ ship(id: 1) { title length crew { id ship { id } } sisters { planets { id } } } }";
    assert_eq!(
        engine.execute_blocking(query).to_value(),
        json!({"data": {"ship": {
            "title": "Enterprise", "length": 10,
            "crew": [{"id": "2", "ship": {"id": "1"}}, {"id": "1", "ship": {"id": "1"}}],
            "sisters": [{"planets": [{"id": "vulcan"}]}],
        }}})
    );
    assert_eq!(Ship::COLUMNS_OF_NAME, "name");
}

impl shadowed::Ship {
    /// The macro adds no inherent items that could be in the way of the user's.
    const COLUMNS_OF_NAME: &'static str = <Self as hiku::Node>::COLUMNS.name.name();
}

/// Keywords are names like any other.
mod raw {
    use hiku::{Many, One, node, root};

    #[node(memory)]
    pub(crate) struct r#Enum {
        #[key]
        pub(crate) r#type: i64,
        pub(crate) r#move: Option<String>,
        #[field(hidden)]
        pub(crate) r#in: i64,
        #[link(from = r#in)]
        r#use: One<r#Enum>,
        #[link(to = r#Enum::r#in, all, order = "-type")]
        r#loop: Many<r#Enum>,
    }

    #[node]
    impl r#Enum {
        #[field]
        fn r#match(r#move: Option<&str>, #[arg] r#else: Option<String>) -> Option<String> {
            r#move.map(str::to_owned).or(r#else)
        }
    }

    #[root]
    pub(crate) struct r#Query {
        #[link(all)]
        r#final: Many<r#Enum>,
    }
}

#[test]
fn raw_identifiers_have_their_plain_names_in_the_schema() {
    let rows =
        [raw::Enum { r#type: 1, r#move: None, r#in: 1 }, raw::Enum { r#type: 2, r#move: Some("e4".into()), r#in: 1 }];
    let graph = Graph::new::<raw::Query>().unwrap();
    let engine = Engine::builder(graph).data(Memory::new(&rows)).build().unwrap();
    assert_eq!(
        engine.execute_blocking("{ final { type move match(else: \"d4\") use { type } loop { type } } }").to_value(),
        json!({"data": {"final": [
            {"type": "1", "move": null, "match": "d4", "use": {"type": "1"}, "loop": [{"type": "2"}, {"type": "1"}]},
            {"type": "2", "move": "e4", "match": "e4", "use": {"type": "1"}, "loop": []},
        ]}})
    );
}

/// What `#[cfg]` takes away is named nowhere; what it leaves is there.
mod conditional {
    use hiku::{Many, One, node, root};

    #[node(memory)]
    pub(crate) struct Ship {
        #[key]
        pub(crate) id: i64,
        #[cfg(any())]
        gone: Gone,
        #[cfg(not(any()))]
        pub(crate) name: String,
        #[cfg(any())]
        #[link(from = gone_id)]
        lost: One<Gone>,
        pub(crate) mass: i32,
        #[cfg(not(any()))]
        #[link(from = id)]
        itself: One<Ship>,
        #[cfg(any())]
        #[link(to = Gone::ship_id, order = "gone")]
        gone_too: Many<Gone>,
        #[cfg(any())]
        gone_id: i64,
    }

    #[node]
    impl Ship {
        #[cfg(any())]
        #[field]
        fn gone(gone: &[Gone]) -> Vec<Gone> {
            gone
        }

        #[cfg(not(any()))]
        #[field]
        fn twice(mass: i32) -> i32 {
            mass * 2
        }
    }

    #[root]
    pub(crate) struct Query {
        #[cfg(not(any()))]
        #[link(all)]
        ships: Many<Ship>,
        #[cfg(any())]
        #[link(all)]
        gone: Many<Gone>,
    }
}

#[test]
fn members_depend_on_cfg() {
    let rows = [conditional::Ship { id: 1, name: "Enterprise".into(), mass: 3 }];
    let graph = Graph::new::<conditional::Query>().unwrap();
    let engine = Engine::builder(graph).data(Memory::new(&rows)).build().unwrap();
    assert_eq!(
        engine.execute_blocking("{ ships { id name twice itself { mass } } }").to_value(),
        json!({"data": {"ships": [{"id": "1", "name": "Enterprise", "twice": 6, "itself": {"mass": 3}}]}})
    );
    assert!(!engine.sdl().contains("gone"));
}

/// The crate under another name, types in private modules, impl blocks in children, link types under other names.
mod moved {
    pub(crate) mod deep {
        pub(super) use ::hiku as graphs;
    }

    mod ships {
        use super::deep::graphs::{Many as Several, One as Exactly, node};

        type Captain = super::people::Captain;

        #[node(memory, crate = super::deep::graphs)]
        pub(crate) struct Ship {
            #[key]
            pub(crate) id: i64,
            #[link(to = super::people::Captain::ship_id, all)]
            captains: Several<super::people::Captain>,
        }

        #[node(memory, crate = super::deep::graphs)]
        pub(crate) struct Pennant {
            #[key]
            pub(crate) id: i64,
            #[link(from = id)]
            captain: Exactly<Captain>,
        }

        mod computed {
            #[hiku::node(crate = ::hiku)]
            impl super::Ship {
                #[field]
                fn number(id: i64) -> i64 {
                    id + 1700
                }
            }
        }
    }

    mod people {
        #[::hiku::node(memory)]
        pub(crate) struct Captain {
            #[key]
            pub(crate) id: i64,
            pub(crate) ship_id: i64,
        }
    }

    type Pennants = hiku::Many<ships::Pennant>;

    #[hiku::root]
    struct Query {
        #[link(all)]
        pennants: Pennants,
        #[link(by_key)]
        ship: hiku::Maybe<ships::Ship>,
    }

    pub(crate) fn engine() -> hiku::Engine {
        hiku::Engine::builder(hiku::Graph::new::<Query>().unwrap())
            .data(hiku::Memory::new(&[ships::Ship { id: 1 }]))
            .data(hiku::Memory::new(&[ships::Pennant { id: 7 }]))
            .data(hiku::Memory::new(&[people::Captain { id: 7, ship_id: 1 }]))
            .build()
            .unwrap()
    }
}

#[test]
fn items_may_be_anywhere_under_any_name() {
    let query = "{ pennants { captain { id } } ship(id: 1) { number captains { id } } }";
    assert_eq!(
        moved::engine().execute_blocking(query).to_value(),
        json!({"data": {"pennants": [{"captain": {"id": "7"}}], "ship": {"number": 1701, "captains": [{"id": "7"}]}}})
    );
}

#[test]
fn items_may_be_in_the_body_of_a_function() {
    use hiku::prelude::*;

    #[node(memory)]
    struct Ship {
        #[key]
        id: i64,
    }

    #[node]
    impl Ship {
        #[field]
        fn twice(id: i64) -> i64 {
            id * 2
        }
    }

    #[root]
    struct Query {
        #[link(all)]
        ships: Many<Ship>,
    }

    let rows = Memory::new(&[Ship { id: 1 }]);
    let engine = Engine::builder(Graph::new::<Query>().unwrap()).data(rows).build().unwrap();
    assert_eq!(engine.execute_blocking("{ ships { twice } }").to_value(), json!({"data": {"ships": [{"twice": 2}]}}));
}

/// Tokens of two places: of a macro of the user, and of where it is called.
mod expanded {
    use hiku::{Many, node, root};

    macro_rules! numbered {
        ($name:ident, $key:ident: $ty:ty, $links:ident: $link:ty, $twice:ident) => {
            #[node(memory)]
            pub(crate) struct $name {
                #[key]
                pub(crate) $key: $ty,
                #[link(to = $name::$key)]
                $links: $link,
            }

            #[node]
            impl $name {
                #[field]
                fn $twice($key: $ty, #[arg(default = 2)] by: $ty) -> $ty {
                    $key * by
                }

                #[field]
                async fn all($key: &[$ty], #[arg] plus: Option<$ty>) -> Vec<$ty> {
                    std::future::ready($key.iter().map(|key| key + plus.unwrap_or(0)).collect()).await
                }
            }
        };
    }

    numbered!(Ship, number: i64, sisters: Many<Ship>, twice);

    #[root]
    pub(crate) struct Query {
        #[link(all)]
        ships: Many<Ship>,
    }
}

#[tokio::test]
async fn items_may_come_out_of_macros() {
    let rows = Memory::new(&[expanded::Ship { number: 2 }]);
    let engine = Engine::builder(Graph::new::<expanded::Query>().unwrap()).data(rows).build().unwrap();
    assert_eq!(
        engine.execute("{ ships { twice all(plus: 1) sisters { number } } }").await.to_value(),
        json!({"data": {"ships": [{"twice": 4, "all": 3, "sisters": [{"number": "2"}]}]}})
    );
}

/// One block without a name, and two with one.
mod parts {
    use hiku::{Many, node, root};

    #[node(memory, parts(cargo, r#crew))]
    pub(crate) struct Ship {
        #[key]
        pub(crate) id: i64,
    }

    #[node]
    impl Ship {
        #[field]
        fn one(id: i64) -> i64 {
            id
        }
    }

    #[node(part = cargo)]
    impl Ship {
        #[field]
        fn two(id: i64) -> i64 {
            id * 2
        }
    }

    #[node(part = crew)]
    impl Ship {
        #[field]
        fn three(id: i64) -> i64 {
            id * 3
        }
    }

    #[root(parts(more))]
    pub(crate) struct Query {
        #[link(all)]
        ships: Many<Ship>,
    }

    #[root(part = more)]
    impl Query {
        #[field]
        fn version() -> i32 {
            4
        }
    }
}

#[test]
fn a_definition_has_several_parts() {
    let rows = Memory::new(&[parts::Ship { id: 1 }]);
    let engine = Engine::builder(Graph::new::<parts::Query>().unwrap()).data(rows).build().unwrap();
    assert_eq!(
        engine.execute_blocking("{ ships { one two three } version }").to_value(),
        json!({"data": {"ships": [{"one": 1, "two": 2, "three": 3}], "version": 4}})
    );
}

/// Types in lower case, loads that `#[cfg]` removes, defaults of arguments that may be null: nothing that warns or fails.
mod unusual {
    use hiku::prelude::*;

    #[allow(non_camel_case_types, reason = "the name of the user's choice")]
    #[node]
    pub(crate) struct lower_case {
        #[key]
        id: i64,
    }

    #[node]
    impl lower_case {
        #[cfg(not(test))]
        #[load]
        async fn load(id: &[i64]) -> Vec<Option<Self>> {
            id.iter().map(|_| None).collect()
        }

        #[field]
        fn greeting(
            id: i64,
            #[arg(default = "hello")] word: Option<String>,
            #[arg(default = None)] end: Option<i64>,
        ) -> String {
            format!("{}{id}{end:?}", word.unwrap_or_default())
        }
    }

    #[root]
    pub(crate) struct Query;

    #[root]
    impl Query {
        #[link]
        fn one() -> One<lower_case> {
            One::node(lower_case { id: 1 })
        }
    }

    #[test]
    fn defaults_of_arguments_that_may_be_null_are_written_plainly() {
        let engine = Engine::builder(Graph::new::<Query>().unwrap()).build().unwrap();
        assert!(
            engine.sdl().contains("greeting(word: String = \"hello\", end: Int = null): String!"),
            "{}",
            engine.sdl()
        );
        let response = engine.execute_blocking("{ one { greeting } }");
        assert_eq!(response.to_value()["data"]["one"]["greeting"], "hello1None");
    }
}
