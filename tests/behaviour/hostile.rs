//! Functions that answer wrongly, panic, or never answer; queries that ask for much.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use hiku::Value;
use hiku::graph::{Answer, Cardinality, FieldBuilder, LinkBuilder, LoaderRun, NodeBuilder, Rows};
use hiku::index::{Column, Values};
use hiku::prelude::*;
use hiku::sql::Filter;
use hiku::testing::run;
use serde_json::{Value as Json, json};

use super::databases::{execute, on_each};

#[node(memory)]
#[derive(Clone)]
struct Cell {
    #[key]
    id: i64,
    next_id: i64,
    #[link(from = next_id)]
    next: Maybe<Cell>,
    #[link(to = Cell::next_id, all)]
    before: Many<Cell>,
}

#[node]
impl Cell {
    #[field]
    async fn panics_at_once(id: &[i64]) -> Vec<Option<i64>> {
        panic!("at once {}", id.len())
    }

    #[field]
    async fn panics_later(id: &[i64]) -> Vec<Option<i64>> {
        tokio::task::yield_now().await;
        tokio::task::yield_now().await;
        panic!("later {}", id.len())
    }

    #[field]
    fn panics_blocking(id: &[i64]) -> Vec<Option<i64>> {
        panic!("blocking {}", id.len())
    }

    #[field]
    async fn never(id: &[i64]) -> Vec<Option<i64>> {
        std::future::pending::<()>().await;
        vec![None; id.len()]
    }

    #[field]
    async fn too_many(id: &[i64]) -> Vec<Option<i64>> {
        vec![None; id.len() + 1]
    }

    #[field]
    async fn none_at_all(id: &[i64]) -> Vec<Option<i64>> {
        vec![None; id.len() - id.len()]
    }

    #[field]
    async fn of_others(id: &[i64]) -> HashMap<i64, Option<i64>> {
        id.iter().map(|id| (id + 1_000_000, Some(1))).collect()
    }

    #[link]
    async fn mixed(id: &[i64]) -> Vec<Many<Cell>> {
        id.iter()
            .map(|&id| if id % 2 == 0 { Many::keys([0]) } else { Many::nodes([Cell { id: 0, next_id: 0 }]) })
            .collect()
    }

    #[link]
    async fn short(id: &[i64]) -> Vec<Maybe<Cell>> {
        id.iter().skip(1).map(|&id| Maybe::key(id)).collect()
    }

    #[link]
    async fn twice(Data(calls): Data<Arc<AtomicUsize>>, id: &[i64]) -> Vec<Many<Cell>> {
        calls.fetch_add(1, Ordering::Relaxed);
        id.iter().map(|&id| Many::keys([id, id])).collect()
    }
}

#[root]
struct Query {
    #[link(all)]
    cells: Many<Cell>,
    #[link(by_key)]
    cell: Maybe<Cell>,
}

#[root]
impl Query {
    #[link]
    async fn same(#[arg] times: i32) -> Many<Cell> {
        Many::keys((0..times).map(|_| 1))
    }

    #[link]
    fn same_blocking(#[arg] times: i32) -> Many<Cell> {
        Many::keys((0..times).map(|_| 1))
    }

    #[field]
    fn blocking(Data(calls): Data<Arc<AtomicUsize>>) -> i64 {
        calls.fetch_add(1, Ordering::Relaxed) as i64
    }

    #[field]
    fn echo(#[arg] value: i64) -> i64 {
        value
    }
}

/// Cells in a ring.
fn engine(cells: i64) -> Engine {
    let cells: Vec<Cell> = (0..cells).map(|id| Cell { id, next_id: (id + 1) % cells }).collect();
    let graph = Graph::new::<Query>().unwrap();
    Engine::builder(graph).data(Memory::new(&cells)).data(Arc::new(AtomicUsize::new(0))).build().unwrap()
}

fn masked(value: &Json) -> Vec<Json> {
    let errors = value["errors"].as_array().unwrap_or_else(|| panic!("{value}"));
    for error in errors {
        assert!(error["message"].as_str().unwrap().starts_with("internal error (id "), "{value}");
    }
    errors.iter().map(|error| error["path"].clone()).collect()
}

#[tokio::test]
async fn functions_that_panic_or_count_wrongly_fail_alone() {
    let engine = engine(3);
    for field in ["panicsAtOnce", "panicsLater", "panicsBlocking", "tooMany", "noneAtAll"] {
        let value = engine.execute(format!("{{ cells {{ id {field} next {{ id }} }} }}")).await.to_value();
        for id in 0..3 {
            let next = ((id + 1) % 3).to_string();
            assert_eq!(
                value["data"]["cells"][id],
                json!({"id": id.to_string(), field: null, "next": {"id": next}}),
                "{value}"
            );
        }
        assert_eq!(masked(&value), (0..3).map(|id| json!(["cells", id, field])).collect::<Vec<_>>());
    }
    // All of them at once.
    let value = engine
        .execute("{ cells { id panicsAtOnce panicsLater panicsBlocking tooMany noneAtAll next { panicsLater } } }")
        .await
        .to_value();
    assert_eq!(value["data"]["cells"][2]["id"], json!("2"));
    assert_eq!(masked(&value).len(), 18);
    // Entries of keys that nobody asked for are no answer and no fault.
    let value = engine.execute("{ cells { ofOthers } }").await.to_value();
    assert_eq!(value, json!({"data": {"cells": [{"ofOthers": null}, {"ofOthers": null}, {"ofOthers": null}]}}));
    // Links.
    let value = engine.execute("{ a: cell(id: 1) { id short { id } } cells { id } }").await.to_value();
    assert_eq!(value["data"]["a"], json!({"id": "1", "short": null}));
    assert_eq!(masked(&value), [json!(["a", "short"])]);
    let value = engine.execute("{ a: cell(id: 1) { next { before { mixed { id } } } } cells { id } }").await.to_value();
    assert_eq!(value["data"]["a"], json!({"next": {"before": [{"mixed": [{"id": "0"}]}]}}), "one kind only: {value}");
    let value = engine.execute("{ a: cell(id: 1) { id } cells { mixed { id } } }").await.to_value();
    assert_eq!(value["data"], json!(null));
    assert_eq!(masked(&value), [json!(["cells", 0, "mixed"])]);
}

#[test]
fn panics_without_a_runtime_fail_alone() {
    let value = engine(2).execute_blocking("{ cells { id panicsBlocking } blocking }").to_value();
    assert_eq!(
        value["data"],
        json!({"cells": [{"id": "0", "panicsBlocking": null}, {"id": "1", "panicsBlocking": null}], "blocking": 0})
    );
    assert_eq!(masked(&value).len(), 2);
}

#[test]
fn an_asynchronous_function_is_refused_before_anything_ran() {
    let engine = engine(2);
    for query in [
        "{ blocking cells { tooMany } }",
        "{ blocking same(times: 1) { id } }",
        "{ blocking cells { next { never } } }",
    ] {
        let value = engine.execute_blocking(query).to_value();
        assert!(value.get("data").is_none(), "{value}");
        assert_eq!(value["errors"][0]["extensions"]["code"], json!("ASYNC_LOADER"));
    }
    assert_eq!(engine.execute_blocking("{ blocking }").to_value(), json!({"data": {"blocking": 0}}), "nothing ran");
}

#[tokio::test]
async fn a_function_that_never_answers_goes_with_its_request() {
    let engine = engine(2);
    for _ in 0..3 {
        let never = engine.execute("{ cells { id never twice { id } } }");
        // What has an answer gets it; the request as a whole does not.
        let mut never = Box::pin(never);
        for _ in 0..10 {
            assert!(futures::poll!(never.as_mut()).is_pending());
        }
        drop(never);
        assert!(engine.execute("{ cells { id } }").await.is_ok());
    }
}

#[tokio::test]
async fn a_hundred_thousand_times_the_same_key_is_one_row() {
    let engine = engine(2);
    let value = engine.execute("{ same(times: 100000) { id next { id } } }").await.to_value();
    let same = value["data"]["same"].as_array().unwrap();
    assert_eq!((same.len(), &same[99_999]), (100_000, &json!({"id": "1", "next": {"id": "0"}})));
    let blocking = engine.execute_blocking("{ same: sameBlocking(times: 100000) { id next { id } } }").to_value();
    assert_eq!(blocking, value);
    // With an error at each of them: a thousand are listed, the others counted.
    let value = engine.execute("{ same(times: 100000) { id panicsLater } }").await.to_value();
    assert_eq!(value["data"]["same"].as_array().unwrap().len(), 100_000);
    assert_eq!(value["errors"].as_array().unwrap().len(), 1001);
    assert_eq!(value["errors"][1000]["message"], json!("99000 more errors"));
    let ran = run(&engine, "{ same(times: 100000) { twice { id } } }").await;
    ran.assert_loads(["Query.same", "Cell.twice[1]"]);
    assert_eq!(ran.response.to_value()["data"]["same"][7], json!({"twice": [{"id": "1"}, {"id": "1"}]}));
}

#[tokio::test]
async fn links_are_followed_to_the_limit_of_depth() {
    let engine = engine(7);
    let deep = |levels: usize, link: &str| {
        format!("{{ cell(id: 0) {}{{ id }}{} }}", format!("{{ {link} ").repeat(levels), " }".repeat(levels))
    };
    for link in ["next", "before"] {
        let response = engine.execute(deep(98, link)).await;
        assert!(response.is_ok(), "{response}");
        assert_eq!(response.bytes(), engine.execute_blocking(deep(98, link)).bytes());
        let value = engine.execute(deep(99, link)).await.to_value();
        assert_eq!(value["errors"][0]["extensions"]["code"], json!("LIMIT_EXCEEDED"), "{value}");
    }
    // Doubled at every level: the response is bounded, and refused soon.
    let start = Instant::now();
    let value = engine.execute(deep(98, "twice")).await.to_value();
    assert_eq!(value["errors"][0]["extensions"]["code"], json!("RESPONSE_TOO_LARGE"));
    assert!(start.elapsed() < Duration::from_secs(20));
}

#[tokio::test]
async fn thousands_of_aliases_are_answered() {
    let engine = engine(3);
    let aliases: String = (0..1000).map(|at| format!("a{at}: cell(id: {}) {{ id b{at}: nextId }} ", at % 3)).collect();
    let value = engine.execute(format!("{{ {aliases} }}")).await.to_value();
    assert_eq!(value["data"].as_object().unwrap().len(), 1000);
    assert_eq!(value["data"]["a999"], json!({"id": "0", "b999": 1}));
    // As many different ones as a query can have.
    let start = Instant::now();
    let most = 1_800;
    let aliases: String = (0..most).map(|at| format!("a{at}: echo(value: {at}) ")).collect();
    let value = engine.execute(format!("{{ {aliases} }}")).await.to_value();
    assert_eq!(value["data"]["a1799"], json!(1799), "{}", value["errors"]);
    assert!(start.elapsed() < Duration::from_secs(10), "{:?}", start.elapsed());
}

#[tokio::test]
async fn introspection_is_answered_with_data() {
    let engine = engine(1);
    let query = "query($name: String!) { a: __typename cells { id __typename never: panicsLater }
                   __type(name: $name) { name fields { name } } s: __schema { queryType { name } } blocking }";
    let request = Request::new(query).variables(json!({"name": "Query"}));
    let value = engine.execute(request.clone()).await.to_value();
    let keys: Vec<&String> = value["data"].as_object().unwrap().keys().collect();
    assert_eq!(keys, ["a", "cells", "__type", "s", "blocking"]);
    assert_eq!(value["data"]["a"], json!("Query"));
    assert_eq!(value["data"]["cells"], json!([{"id": "0", "__typename": "Cell", "never": null}]));
    assert_eq!(value["data"]["__type"]["fields"][0], json!({"name": "cells"}));
    assert_eq!(value["data"]["s"], json!({"queryType": {"name": "Query"}}));
    assert_eq!(masked(&value), [json!(["cells", 0, "never"])]);
    let query = "{ cells { id } __schema { queryType { name } } }";
    let value = engine.execute_blocking(query).to_value();
    assert_eq!(value, json!({"data": {"cells": [{"id": "0"}], "__schema": {"queryType": {"name": "Query"}}}}));
}

/// A graph whose root has one field and one link, answered by these functions.
fn by_hand(field: fn() -> Answer, link: fn() -> Answer) -> Engine {
    let run = |answer: fn() -> Answer| LoaderRun::Blocking(Arc::new(move |_| Ok(answer())));
    let thing = NodeBuilder::new("Thing")
        .table("thing")
        .key("id", <i64 as hiku::KeyPart>::ID)
        .field(FieldBuilder::column("name", String::TYPE));
    let query = NodeBuilder::new("Query")
        .field(FieldBuilder::computed("name", <Option<String>>::TYPE, &[], run(field)))
        .field(FieldBuilder::computed(
            "fine",
            i64::TYPE,
            &[],
            run(|| Answer::Column(Rows { values: integers(&[7]), ends: None, errors: Vec::new(), shared: true })),
        ))
        .link(LinkBuilder::new("thing", "Thing", Cardinality::Maybe).function(&[], run(link)));
    let graph = Graph::build(query, [thing]).unwrap();
    let pool = hiku::sqlx::sqlite::SqlitePoolOptions::new().connect_lazy("sqlite::memory:").unwrap();
    Engine::builder(graph).data(Db::from(pool)).build().unwrap()
}

fn integers(values: &[i64]) -> Column {
    Column::from_values(Values::I64(values.to_vec()))
}

fn texts(values: &[&str]) -> Column {
    let mut column = Column::new(String::TYPE);
    values.iter().for_each(|value| (*value).to_owned().write_to(&mut column));
    column
}

#[tokio::test]
async fn columns_of_another_shape_fail_alone() {
    let fields: [fn() -> Answer; 5] = [
        || Answer::Column(Rows { values: integers(&[1]), ends: None, errors: Vec::new(), shared: true }),
        || Answer::Column(Rows { values: texts(&["a", "b"]), ends: None, errors: Vec::new(), shared: true }),
        || Answer::Column(Rows { values: texts(&[]), ends: None, errors: Vec::new(), shared: false }),
        || Answer::Keys(Rows { values: vec![texts(&["a"])], ends: None, errors: Vec::new(), shared: true }),
        || {
            Answer::Column(Rows {
                values: texts(&["a"]),
                ends: None,
                errors: vec![(0, "x".parse::<i64>().unwrap_err().into())],
                shared: true,
            })
        },
    ];
    let links: [fn() -> Answer; 9] = [
        || Answer::Column(Rows { values: integers(&[1]), ends: None, errors: Vec::new(), shared: true }),
        || Answer::Keys(Rows { values: vec![], ends: None, errors: Vec::new(), shared: true }),
        || Answer::Keys(Rows { values: vec![texts(&["a"])], ends: None, errors: Vec::new(), shared: true }),
        || {
            Answer::Keys(Rows {
                values: vec![integers(&[1]), integers(&[1])],
                ends: None,
                errors: Vec::new(),
                shared: true,
            })
        },
        || Answer::Keys(Rows { values: vec![integers(&[1, 2])], ends: None, errors: Vec::new(), shared: true }),
        || Answer::Keys(Rows { values: vec![integers(&[1])], ends: Some(vec![5]), errors: Vec::new(), shared: true }),
        || Answer::Nodes(Rows { values: vec![integers(&[1])], ends: None, errors: Vec::new(), shared: true }),
        || {
            Answer::Nodes(Rows {
                values: vec![integers(&[1]), texts(&[])],
                ends: None,
                errors: Vec::new(),
                shared: true,
            })
        },
        || {
            Answer::Nodes(Rows {
                values: vec![integers(&[1]), integers(&[1])],
                ends: None,
                errors: Vec::new(),
                shared: true,
            })
        },
    ];
    let fine_field = fields[4];
    for field in fields {
        let value = by_hand(field, links[0]).execute("{ fine name }").await.to_value();
        assert_eq!(value["data"], json!({"fine": 7, "name": null}));
        assert_eq!(masked(&value), [json!(["name"])]);
    }
    for (at, link) in links.into_iter().enumerate() {
        let value = by_hand(fine_field, link).execute("{ fine thing { id name } }").await.to_value();
        assert_eq!(value["data"], json!({"fine": 7, "thing": null}), "{at}: {value}");
        assert_eq!(masked(&value), [json!(["thing"])], "{at}");
    }
}

#[derive(Clone)]
struct Mood(&'static str);

fn moody(mood: &Mood) -> Filter {
    assert!(mood.0 != "angry", "not today");
    Filter::all()
}

#[node(table = "guarded", scope = moody)]
struct Guarded {
    #[key]
    id: i64,
}

#[root]
struct Guards {
    #[link(by_key)]
    guarded: Maybe<Guarded>,
}

#[root]
impl Guards {
    #[field]
    async fn fine() -> i64 {
        7
    }
}

#[tokio::test]
async fn a_scope_that_panics_fails_alone() {
    on_each(|db| async move {
        hiku::sql::create_tables::<Guards>(&db).await.unwrap();
        execute(&db, &["INSERT INTO guarded VALUES (1)"]).await;
        let graph = Graph::new::<Guards>().unwrap();
        let engine = Engine::builder(graph).data(db).request_data::<Mood>().build().unwrap();
        let ask = |mood| Request::new("{ fine guarded(id: 1) { id } }").data(Mood(mood));
        let value = engine.execute(ask("calm")).await.to_value();
        assert_eq!(value, json!({"data": {"fine": 7, "guarded": {"id": "1"}}}));
        let value = engine.execute(ask("angry")).await.to_value();
        assert_eq!(value["data"], json!({"fine": 7, "guarded": null}));
        assert_eq!(masked(&value), [json!(["guarded"])]);
    })
    .await;
}
