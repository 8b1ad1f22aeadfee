use std::collections::HashMap;

use hiku::prelude::*;
use hiku::testing::run;
use serde_json::{Value, json};

use super::log::logged;

#[node(memory)]
#[derive(Clone)]
struct Item {
    #[key]
    id: i64,
    name: Option<String>,
    parent_id: Option<i64>,
    #[link(to = Item::parent_id, all)]
    children: Many<Item>,
    #[link(from = parent_id)]
    parent: Maybe<Item>,
}

#[node]
impl Item {
    #[field]
    async fn public(id: &[i64]) -> Vec<Result<i64>> {
        id.iter().map(|&id| if id == 2 { Err(Error::new("two is right out").code("TWO")) } else { Ok(id) }).collect()
    }

    #[field]
    async fn masked(id: &[i64]) -> Vec<Result<Option<i64>>> {
        id.iter().map(|&id| Ok(Some(if id == 2 { "secret".parse::<i64>()? } else { id }))).collect()
    }

    #[field]
    async fn whole(id: &[i64]) -> Result<HashMap<i64, Option<i64>>> {
        Err(Error::new(format!("no luck with {}", id.len())))
    }

    #[field]
    async fn few(id: &[i64]) -> Vec<Option<i64>> {
        vec![Some(id[0])]
    }

    #[field]
    async fn boom(id: &[i64]) -> Vec<Option<i64>> {
        tokio::task::yield_now().await;
        panic!("boom {}", id.len())
    }

    #[field]
    fn bang(id: i64) -> Option<i64> {
        assert!(id != 3, "bang");
        Some(id)
    }

    /// Of a field that fails for some rows.
    #[field]
    async fn after(public: &[i64]) -> Vec<Option<i64>> {
        assert!(!public.contains(&2), "the row that failed is not asked for");
        public.iter().map(|&value| Some(value * 100)).collect()
    }

    #[link]
    async fn lost(id: &[i64]) -> HashMap<i64, One<Item>> {
        id.iter().filter(|&&id| id != 1).map(|&id| (id, One::key(if id == 2 { 99 } else { 1 }))).collect()
    }

    #[link]
    async fn perhaps(id: &[i64]) -> Vec<Result<Maybe<Item>>> {
        id.iter().map(|&id| if id == 1 { Err(Error::new("not one")) } else { Ok(Maybe::key(1)) }).collect()
    }

    #[field]
    fn big(id: i64) -> i64 {
        id << 40
    }

    #[field]
    fn odd(id: i64) -> Option<f64> {
        Some(if id == 2 { f64::NAN } else { 0.5 })
    }

    #[field]
    fn items(id: i64) -> Vec<Option<f64>> {
        vec![Some(id as f64), Some(f64::INFINITY), None]
    }
}

#[root]
struct Query {
    #[link(all)]
    items: Many<Item>,
    #[link(by_key)]
    item: Maybe<Item>,
}

#[root]
impl Query {
    #[link]
    async fn unknown() -> Many<Item> {
        Many::keys([1, 99])
    }
    #[field]
    async fn must() -> Result<i32> {
        Err(Error::new("must not"))
    }
}

fn engine() -> Engine {
    let item = |id, parent_id| Item { id, name: Some(format!("i{id}")), parent_id };
    let items = Memory::new(&[item(1, None), item(2, Some(1)), item(3, Some(1))]);
    Engine::builder(Graph::new::<Query>().unwrap()).data(items).build().unwrap()
}

async fn ask(query: &str) -> Value {
    run(&engine(), query).await.response.to_value()
}

fn paths(value: &Value) -> Vec<Value> {
    value["errors"].as_array().unwrap().iter().map(|error| error["path"].clone()).collect()
}

#[tokio::test]
async fn a_public_error_of_one_entry_nulls_as_the_type_says() {
    // `Int!` in `[Item!]!`: up to the root.
    let value = ask("{ items { id public } }").await;
    assert_eq!(value["data"], json!(null));
    assert_eq!(
        value["errors"],
        json!([{"message": "two is right out", "locations": [{"line": 1, "column": 14}], "path": ["items", 1, "public"],
                "extensions": {"code": "TWO"}}])
    );
    // Below a link that can be null, only up to there.
    let value = ask("{ item(id: 3) { parent { children { public } } id } }").await;
    assert_eq!(value["data"], json!({"item": {"parent": null, "id": "3"}}));
    assert_eq!(paths(&value), [json!(["item", "parent", "children", 0, "public"])]);
}

#[tokio::test]
async fn an_internal_error_is_masked() {
    let value = ask("{ items { id masked } }").await;
    assert_eq!(
        value["data"]["items"],
        json!([{"id": "1", "masked": 1}, {"id": "2", "masked": null}, {"id": "3", "masked": 3}])
    );
    let message = value["errors"][0]["message"].as_str().unwrap();
    assert!(message.starts_with("internal error (id "), "{message}");
    assert_eq!(value["errors"][0]["extensions"]["code"], json!("INTERNAL"));
    assert!(!value.to_string().contains("invalid digit"));
}

#[tokio::test]
async fn the_log_has_what_is_masked_under_the_id_that_the_client_has() {
    let (value, log) = logged(tracing::Level::ERROR, async || ask("{ items { id masked boom public } }").await).await;
    // What fails a whole call is logged once; a public error is the client's.
    let texts: Vec<&str> = log.iter().map(|logged| logged.message.as_str()).collect();
    assert_eq!(texts.len(), 2, "{texts:?}");
    assert!(texts.iter().any(|text| text.contains("invalid digit")), "{texts:?}");
    assert!(texts.iter().any(|text| text.contains("boom")), "{texts:?}");
    for logged in &log {
        let id = format!("(id {})", logged.id.unwrap());
        assert!(value["errors"].to_string().contains(&id), "{id}: {}", value["errors"]);
    }
}

#[tokio::test]
async fn a_loader_that_fails_or_panics_fails_every_row_and_nothing_else() {
    let value = ask("{ items { id whole few boom } }").await;
    let row = |id: &str| json!({"id": id, "whole": null, "few": null, "boom": null});
    assert_eq!(value["data"]["items"], json!([row("1"), row("2"), row("3")]));
    assert_eq!(value["errors"].as_array().unwrap().len(), 9);
    assert_eq!(value["errors"][0]["message"], json!("no luck with 3"));
    assert_eq!(
        paths(&value)[..3],
        [json!(["items", 0, "whole"]), json!(["items", 0, "few"]), json!(["items", 0, "boom"])]
    );
}

#[tokio::test]
async fn a_panic_per_row_is_an_error() {
    let value = ask("{ items { id bang } }").await;
    assert_eq!(value["data"]["items"][0], json!({"id": "1", "bang": null}));
    assert_eq!(value["errors"].as_array().unwrap().len(), 3);
}

#[tokio::test]
async fn a_failed_required_value_fails_only_its_row() {
    let value = ask("{ items { after } }").await;
    assert_eq!(value["data"]["items"], json!([{"after": 100}, {"after": null}, {"after": 300}]));
    assert_eq!(value["errors"][0]["message"], json!("two is right out"));
    assert_eq!(paths(&value), [json!(["items", 1, "after"])]);
}

#[tokio::test]
async fn c19_one_that_leads_nowhere_is_an_error_and_maybe_is_null() {
    let value = ask("{ item(id: 3) { lost { id } } }").await;
    assert_eq!(value["data"], json!({"item": {"lost": {"id": "1"}}}));
    for id in [1, 2] {
        let value = ask(&format!("{{ item(id: {id}) {{ lost {{ id }} }} }}")).await;
        assert_eq!(value["data"], json!({"item": null}));
        assert_eq!(paths(&value), [json!(["item", "lost"])]);
    }
    let value = ask("{ items { id perhaps { id } } }").await;
    assert_eq!(value["data"]["items"][0], json!({"id": "1", "perhaps": null}));
    assert_eq!(value["data"]["items"][1], json!({"id": "2", "perhaps": {"id": "1"}}));
    assert_eq!(value["errors"][0]["message"], json!("not one"));
    assert_eq!(paths(&value), [json!(["items", 0, "perhaps"])]);
}

#[tokio::test]
async fn keys_that_do_not_exist_are_errors_in_many() {
    let value = ask("{ unknown { id } }").await;
    assert_eq!(value["data"], json!(null));
    assert_eq!(paths(&value), [json!(["unknown", 1])]);
    assert_eq!(value["errors"][0]["extensions"]["code"], json!("NOT_FOUND"));
}

#[tokio::test]
async fn values_that_json_or_int_cannot_hold_are_errors() {
    let value = ask("{ item(id: 2) { big } }").await;
    assert_eq!(value["data"], json!({"item": null}));
    assert_eq!(
        value["errors"][0]["message"],
        json!("Int cannot represent non 32-bit signed integer value: 2199023255552; a field of the type BigInt can")
    );
    let value = ask("{ items { odd items } }").await;
    assert_eq!(value["data"]["items"][1], json!({"odd": null, "items": [2, null, null]}));
    assert_eq!(
        paths(&value),
        [
            json!(["items", 0, "items", 1]),
            json!(["items", 1, "odd"]),
            json!(["items", 1, "items", 1]),
            json!(["items", 2, "items", 1]),
        ]
    );
}

#[tokio::test]
async fn one_failing_field_of_the_root_leaves_no_data() {
    let value = ask("{ must items { id } }").await;
    assert_eq!(value["data"], json!(null));
    assert_eq!(paths(&value), [json!(["must"])]);
}

/// An editor underlines all of them.
#[tokio::test]
async fn every_place_of_a_merged_field_is_named() {
    let answer = ask("{ must ...F }\nfragment F on Query { must }\r\n#\u{1f600}").await;
    assert_eq!(answer["errors"][0]["locations"], json!([{"line": 1, "column": 3}, {"line": 2, "column": 23}]));
    // Columns count units of UTF-16, as JavaScript does.
    let answer = ask("{ a: __type(name: \"\u{1f600}\u{e9}\") { name } must }").await;
    assert_eq!(answer["errors"][0]["locations"], json!([{"line": 1, "column": 35}]));
    // Many places are cut: each error repeats them.
    let answer = ask(&format!("{{ {} }}", "must ".repeat(500))).await;
    assert_eq!(answer["errors"][0]["locations"].as_array().map(Vec::len), Some(100));
}

#[tokio::test]
async fn many_errors_are_counted() {
    let item = |id| Item { id, name: None, parent_id: None };
    let items: Vec<Item> = (0..5000).map(item).collect();
    let engine = Engine::builder(Graph::new::<Query>().unwrap()).data(Memory::new(&items)).build().unwrap();
    let value = run(&engine, "{ items { whole } }").await.response.to_value();
    let errors = value["errors"].as_array().unwrap();
    assert_eq!(errors.len(), 1001);
    assert_eq!(errors[1000], json!({"message": "4000 more errors"}));
    assert_eq!(value["data"]["items"].as_array().unwrap().len(), 5000);
}
