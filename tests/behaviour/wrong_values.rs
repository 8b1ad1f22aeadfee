//! Values that are not of their field's type: they fail, what stands beside them does not.

use hiku::prelude::*;
use serde_json::{Value as Json, json};

use super::databases::{execute, on_each, sqlite};

#[node(table = "thing")]
struct Thing {
    #[key]
    id: i64,
    small: Option<i16>,
    number: i32,
    nested: Option<Vec<Vec<i64>>>,
    data: Option<Json>,
    parent_id: Option<i64>,
    #[link(from = parent_id)]
    parent: Maybe<Thing>,
    #[link(to = Thing::parent_id, all)]
    children: Many<Thing>,
}

#[node]
impl Thing {
    #[field]
    async fn double(number: &[i32]) -> Vec<Option<i32>> {
        number.iter().map(|number| Some(number * 2)).collect()
    }
}

#[root]
struct Query {
    #[link(all)]
    things: Many<Thing>,
    #[link(by_key)]
    thing: Maybe<Thing>,
}

const TABLE: &str = "CREATE TABLE thing (id BIGINT PRIMARY KEY, small BIGINT, number BIGINT, nested TEXT, data TEXT,
                       parent_id BIGINT)";

async fn engine(db: Db, rows: &str) -> Engine {
    execute(&db, &[TABLE, rows]).await;
    Engine::builder(Graph::new::<Query>().unwrap()).data(db).build().unwrap()
}

fn paths(value: &Json) -> Vec<Json> {
    let errors = value["errors"].as_array().unwrap_or_else(|| panic!("{value}"));
    for error in errors {
        assert!(error["message"].as_str().unwrap().starts_with("internal error (id "), "{value}");
    }
    errors.iter().map(|error| error["path"].clone()).collect()
}

#[tokio::test]
async fn integers_too_large_for_their_fields_fail_alone() {
    on_each(|db| async move {
        let rows = "INSERT INTO thing VALUES (1, 1, 1, NULL, NULL, NULL), (2, 70000, 3000000000, NULL, NULL, 1),
                      (3, -3, 3, NULL, NULL, 1), (4, 70000, 4, NULL, NULL, 2)";
        let engine = engine(db, rows).await;
        // In rows that a whole table gives,
        let value = engine.execute("{ things { id small } }").await.to_value();
        assert_eq!(
            value["data"],
            json!({"things": [{"id": "1", "small": 1}, {"id": "2", "small": null}, {"id": "3", "small": -3}, {"id": "4", "small": null}]})
        );
        assert_eq!(paths(&value), [json!(["things", 1, "small"]), json!(["things", 3, "small"])]);
        // by foreign key,
        let value = engine.execute("{ thing(id: 1) { children { id small } } }").await.to_value();
        assert_eq!(value["data"]["thing"]["children"], json!([{"id": "2", "small": null}, {"id": "3", "small": -3}]));
        assert_eq!(paths(&value), [json!(["thing", "children", 0, "small"])]);
        // by key, whichever order they come in and whether all are found,
        let value = engine.execute("{ things { parent { id small double } } none: thing(id: 9) { small } }").await.to_value();
        assert_eq!(
            value["data"],
            json!({"things": [{"parent": null}, {"parent": {"id": "1", "small": 1, "double": 2}},
                {"parent": {"id": "1", "small": 1, "double": 2}}, {"parent": {"id": "2", "small": null, "double": null}}], "none": null})
        );
        assert_eq!(paths(&value), [json!(["things", 3, "parent", "small"]), json!(["things", 3, "parent", "double"])]);
        // where null is not allowed,
        let value = engine.execute("{ a: thing(id: 1) { number } b: thing(id: 2) { number } }").await.to_value();
        assert_eq!(value["data"], json!({"a": {"number": 1}, "b": null}));
        assert_eq!(paths(&value), [json!(["b", "number"])]);
        // and where a function needs the value.
        let value = engine.execute("{ things { double } }").await.to_value();
        assert_eq!(value["data"]["things"], json!([{"double": 2}, {"double": null}, {"double": 6}, {"double": 8}]));
        assert_eq!(paths(&value), [json!(["things", 1, "double"])]);
    })
    .await;
}

#[tokio::test]
async fn json_that_is_none_and_lists_of_something_else_fail_alone() {
    on_each(|db| async move {
        let rows = "INSERT INTO thing VALUES (1, 1, 1, '[[1, 2], []]', '{\"a\": 1}', NULL), (2, 1, 1, '[[3, \"x\"]]', '{', NULL),
                      (3, 1, 1, '[[4]]', '[', NULL), (4, 1, 1, '[[5], 6', 'true', NULL), (5, 1, 1, '[[null]]', '', NULL),
                      (6, 1, 1, '[[6]]', '1 2', NULL), (7, 1, 1, '{}', ' null ', NULL), (8, 1, 1, '[[], [8]]', '\"ok\"', NULL)";
        let engine = engine(db, rows).await;
        let value = engine.execute("{ things { nested data } }").await.to_value();
        assert_eq!(
            value["data"]["things"],
            json!([
                {"nested": [[1, 2], []], "data": {"a": 1}},
                {"nested": null, "data": null},
                {"nested": [[4]], "data": null},
                {"nested": null, "data": true},
                {"nested": null, "data": null},
                {"nested": [[6]], "data": null},
                {"nested": null, "data": null},
                {"nested": [[], [8]], "data": "ok"},
            ])
        );
        let failed = [(1, "nested"), (1, "data"), (2, "data"), (3, "nested"), (4, "nested"), (4, "data"), (5, "data"), (6, "nested")];
        let mut got = paths(&value);
        // A null inside an item that is never null says where it stands.
        assert_eq!(got.remove(4), json!(["things", 4, "nested", 0, 0]));
        let failed: Vec<Json> =
            failed.into_iter().filter(|at| *at != (4, "nested")).map(|(at, field)| json!(["things", at, field])).collect();
        assert_eq!(got, failed);
    })
    .await;
}

#[tokio::test]
async fn text_in_a_column_of_integers_fails_alone() {
    // Only SQLite stores what a column is not for.
    let rows = "INSERT INTO thing VALUES (1, 'one', 1, X'00', 5, NULL), (2, 2, 'two', 7, X'7b7d', NULL), (3, 3.5, 3, '[]', 2.5, NULL)";
    let engine = engine(sqlite().await, rows).await;
    let value = engine.execute("{ things { id small nested data } }").await.to_value();
    assert_eq!(
        value["data"]["things"],
        json!([
            {"id": "1", "small": null, "nested": null, "data": 5},
            {"id": "2", "small": 2, "nested": null, "data": null},
            {"id": "3", "small": null, "nested": [], "data": 2.5},
        ])
    );
    assert_eq!(
        paths(&value),
        [
            json!(["things", 0, "small"]),
            json!(["things", 0, "nested"]),
            json!(["things", 1, "nested"]),
            json!(["things", 1, "data"]),
            json!(["things", 2, "small"]),
        ]
    );
}

#[tokio::test]
async fn c25_a_column_of_another_type_fails_alone() {
    on_each(|db| async move {
        execute(
            &db,
            &[
                "CREATE TABLE thing (id BIGINT PRIMARY KEY, small TEXT, number INTEGER, nested TEXT, data TEXT, parent_id BIGINT)",
                "INSERT INTO thing VALUES (1, 'one', 1, '[]', NULL, NULL), (2, NULL, 2, NULL, NULL, 1)",
            ],
        )
        .await;
        let engine = Engine::builder(Graph::new::<Query>().unwrap()).data(db).build().unwrap();
        let value = engine.execute("{ things { id small number nested } }").await.to_value();
        assert_eq!(
            value["data"]["things"],
            json!([{"id": "1", "small": null, "number": 1, "nested": []}, {"id": "2", "small": null, "number": 2, "nested": null}])
        );
        assert_eq!(paths(&value), [json!(["things", 0, "small"])]);
    })
    .await;
}

#[tokio::test]
async fn a_column_that_is_not_there_is_an_error_not_its_name() {
    on_each(|db| async move {
        execute(
            &db,
            &["CREATE TABLE thing (id BIGINT PRIMARY KEY, number INTEGER)", "INSERT INTO thing VALUES (1, 1)"],
        )
        .await;
        let engine = Engine::builder(Graph::new::<Query>().unwrap()).data(db).build().unwrap();
        for query in ["{ thing(id: 1) { data } }", "{ things { data } }", "{ thing(id: 1) { children { id } } }"] {
            let value = engine.execute(query).await.to_value();
            assert_eq!(paths(&value).len(), 1, "{value}");
        }
        assert!(engine.execute("{ thing(id: 1) { number } }").await.is_ok());
    })
    .await;
}
