//! What a request costs, counted: allocations of the engine's thread, bytes, and statements. Times are in docs/benchmarks.md.
//!
//! A package of its own, since its allocator counts for everybody in it.
#![allow(unsafe_code, reason = "an allocator is unsafe to implement; this one only counts")]
#![allow(missing_docs, dead_code, unreachable_pub, reason = "fields of nodes are read by queries only")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

use hiku::prelude::*;
use hiku::sql::Db;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// The system's allocator; it counts what this thread does.
struct Counting;

thread_local! {
    /// Calls, bytes.
    static COUNTED: Cell<(usize, usize)> = const { Cell::new((0, 0)) };
}

fn count(bytes: usize) {
    let _ = COUNTED.try_with(|counted| {
        let (calls, all) = counted.get();
        counted.set((calls + 1, all + bytes));
    });
}

// SAFETY: every call goes to the system's allocator as it came; counting allocates nothing.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size());
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        count(layout.size());
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count(size.saturating_sub(layout.size()));
        unsafe { System.realloc(pointer, layout, size) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        unsafe { System.dealloc(pointer, layout) }
    }
}

/// The same nodes, in memory and in tables.
macro_rules! nodes {
    ($module:ident, [$($crew:tt)*] [$($ship:tt)*] [$($visit:tt)*] [$($port:tt)*]) => {
        mod $module {
            use hiku::prelude::*;

            #[node($($ship)*)]
            pub struct Ship {
                #[key]
                pub id: i64,
                pub name: String,
                pub class: Option<String>,
                #[link(to = Crew::ship_id, all)]
                crew: Many<Crew>,
            }

            #[node($($crew)*)]
            pub struct Crew {
                #[key]
                pub id: i64,
                pub name: String,
                #[field(hidden)]
                pub ship_id: i64,
                #[link(from = ship_id)]
                ship: One<Ship>,
                #[link(through = Visit, all)]
                ports: Many<Port>,
            }

            #[node]
            impl Crew {
                #[field]
                fn length(name: &str, ship_id: i64) -> i64 {
                    name.len() as i64 + ship_id
                }
            }

            #[node($($port)*)]
            pub struct Port {
                #[key]
                pub id: String,
                pub berths: i32,
            }

            #[node($($visit)*)]
            pub struct Visit {
                #[key]
                pub crew_id: i64,
                #[key]
                pub port_id: String,
                #[link(from = crew_id)]
                crew: One<Crew>,
                #[link(from = port_id)]
                port: One<Port>,
            }

            #[root]
            pub struct Query {
                #[link(all)]
                ships: Many<Ship>,
                #[link(all)]
                crew: Many<Crew>,
                #[link(by_key)]
                ship: Maybe<Ship>,
            }
        }
    };
}

nodes!(memory, [memory][memory][memory][memory]);
nodes!(tables, [table = "crew"][table = "ship"][table = "visit"][table = "port"]);

/// So many ships, ten of a crew each, who were in three ports each.
fn in_memory(ships: i64) -> Engine {
    use memory::{Crew, Port, Query, Ship, Visit};
    let of_ships: Vec<Ship> = (0..ships)
        .map(|id| Ship { id, name: format!("Ship \"{id}\""), class: (id % 3 > 0).then(|| "Galaxy".into()) })
        .collect();
    let crew: Vec<Crew> =
        (0..10 * ships).map(|id| Crew { id, name: format!("Number {id}"), ship_id: id % ships }).collect();
    let ports: Vec<Port> = (0..50).map(|id| Port { id: format!("port {id}"), berths: id }).collect();
    let visits: Vec<Visit> = (0..30 * ships)
        .map(|id| Visit { crew_id: id / 3, port_id: format!("port {}", (id / 3 * 7 + id % 3) % 50) })
        .collect();
    let engine = Engine::builder(Graph::new::<Query>().unwrap());
    let engine = engine.data(Memory::new(&of_ships)).data(Memory::new(&crew)).data(Memory::new(&ports));
    engine.data(Memory::new(&visits)).build().unwrap()
}

const FLAT: &str = "{ ships { name class } }";
const DOWN: &str = "{ ships { name crew { name } } }";
const UP: &str = "{ crew { name ship { name crew { name } } } }";
const THROUGH: &str = "{ ships { name crew { name ports { id berths } } } }";
const COMPUTED: &str = "{ crew { length } }";
const BY_KEY: &str = "{ ship(id: 2) { name } }";
const BY_VARIABLE: &str = "query($id: ID!) { ship(id: $id) { name } }";
const TYPE_NAME: &str = "{ __typename }";

/// Calls, bytes, and the bytes of the response, of a request whose plan is known.
async fn counted(engine: &Engine, request: impl Fn() -> Request) -> (usize, usize, usize) {
    for _ in 0..2 {
        let response = engine.execute(request()).await;
        assert!(response.is_ok(), "{response}");
    }
    let request = request();
    let before = COUNTED.get();
    let response = engine.execute(request).await.into_bytes();
    let after = COUNTED.get();
    (after.0 - before.0, after.1 - before.1, response.len())
}

#[tokio::test]
async fn allocations_follow_the_shape_of_the_query_not_the_data() {
    // The most there may be: a little more than there are, so that it shows when there are many more.
    let most = [(TYPE_NAME, 5), (BY_KEY, 11), (FLAT, 9), (DOWN, 20), (UP, 40), (THROUGH, 50), (COMPUTED, 20)];
    let (small, large) = (in_memory(3), in_memory(1_000));
    for (query, most) in most {
        let of_small = counted(&small, || query.into()).await;
        let of_large = counted(&large, || query.into()).await;
        assert!(of_small.0 <= most, "{query}: {} allocations", of_small.0);
        // Vectors that grow are the only difference.
        assert!(of_large.0 <= most + 40, "{query}: {} allocations of 1000 ships", of_large.0);
        let (_, bytes, written) = of_large;
        if written > 10_000 {
            assert!(bytes <= 3 * written, "{query}: {bytes} bytes allocated for {written} bytes of response");
        }
    }
    let of_variable = counted(&small, || Request::new(BY_VARIABLE).variables(serde_json::json!({ "id": 2 }))).await;
    assert!(of_variable.0 <= 16, "{} allocations with a variable", of_variable.0);
}

/// The same in SQLite: each ship has one of a crew, who was in all ten ports.
async fn empty() -> Db {
    let db = Db::connect("sqlite::memory:").await.unwrap();
    for text in [
        "CREATE TABLE ship (id INTEGER PRIMARY KEY, name TEXT NOT NULL, class TEXT)",
        "CREATE TABLE crew (id INTEGER PRIMARY KEY, name TEXT NOT NULL, ship_id INTEGER NOT NULL)",
        "CREATE TABLE port (id TEXT PRIMARY KEY, berths INTEGER NOT NULL)",
        "CREATE TABLE visit (crew_id INTEGER, port_id TEXT, PRIMARY KEY (crew_id, port_id))",
        "INSERT INTO port SELECT 'port ' || value, value FROM json_each('[0,1,2,3,4,5,6,7,8,9]')",
    ] {
        db.execute_raw(text).await.unwrap();
    }
    db
}

async fn fill(db: &Db, ships: i64) {
    let keys: Vec<String> = (0..ships).map(|id| id.to_string()).collect();
    let keys = format!("[{}]", keys.join(","));
    for text in [
        "DELETE FROM ship".to_owned(),
        "DELETE FROM crew".to_owned(),
        "DELETE FROM visit".to_owned(),
        format!("INSERT INTO ship SELECT value, 'Ship ' || value, NULL FROM json_each('{keys}')"),
        format!("INSERT INTO crew SELECT value * 2, 'Number ' || value, value FROM json_each('{keys}')"),
        "INSERT INTO visit SELECT crew.id, port.id FROM crew, port".to_owned(),
    ] {
        db.execute_raw(text).await.unwrap();
    }
}

#[tokio::test]
async fn columns_of_a_database_are_made_as_large_as_they_become() {
    let db = empty().await;
    let engine = Engine::builder(Graph::new::<tables::Query>().unwrap()).data(db.clone()).build().unwrap();
    // Without a runtime a statement runs on this thread.
    let counted = |query: &str| {
        let before = COUNTED.get().0;
        assert!(engine.execute_blocking(query).is_ok());
        COUNTED.get().0 - before
    };
    for query in [FLAT, DOWN, UP, THROUGH] {
        fill(&db, 30).await;
        let few = [counted(query), counted(query), counted(query)][2];
        fill(&db, 3_000).await;
        // What is expected is what was answered last.
        let many = [counted(query), counted(query)][1];
        assert!(many <= few + 10, "{query}: {many} allocations of 3000 ships, {few} of 30");
    }
}

#[tokio::test]
async fn statements_follow_the_shape_of_the_query_not_the_data() {
    let db = empty().await;
    let engine = Engine::builder(Graph::new::<tables::Query>().unwrap()).data(db.clone()).build().unwrap();
    for ships in [3, 60] {
        fill(&db, ships).await;
        let expected = [(TYPE_NAME, 0), (BY_KEY, 1), (FLAT, 1), (DOWN, 2), (UP, 3), (THROUGH, 4), (COMPUTED, 1)];
        for (query, statements) in expected {
            let response = engine.execute(query).await;
            assert!(response.is_ok(), "{response}");
            assert_eq!(response.loads().len(), statements, "{query} of {ships} ships: {:?}", response.loads());
        }
    }
}
