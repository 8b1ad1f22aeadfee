//! Whatever comes in: a clear error, and nothing is lost.

use std::time::{Duration, Instant};

use hiku::prelude::*;
use serde_json::{Value as Json, json};

use super::databases::{execute, mariadb, on_each, postgres, sqlite};
use super::fixture::{Query, enterprise};

async fn ask(query: &str) -> Json {
    let response = enterprise(sqlite().await).await.execute(query).await;
    if let Some(db) = postgres().await {
        assert_eq!(enterprise(db).await.execute(query).await.bytes(), response.bytes(), "on PostgreSQL as on SQLite");
    }
    if let Some(db) = mariadb().await {
        assert_eq!(enterprise(db).await.execute(query).await.bytes(), response.bytes(), "on MariaDB as on SQLite");
    }
    response.to_value()
}

#[tokio::test]
async fn documents_that_are_no_graphql_have_positions() {
    for (query, line, column) in
        [("{ characters { name }", 1, 22), ("{\n  characters { name\u{0} } }", 2, 20), ("", 1, 1), ("query {}", 1, 8)]
    {
        let value = ask(query).await;
        assert!(value.get("data").is_none(), "{query}: {value}");
        assert!(!value["errors"].as_array().unwrap().is_empty(), "{query}");
        assert_eq!(value["errors"][0]["locations"][0], json!({"line": line, "column": column}), "{query}: {value}");
    }
}

#[tokio::test]
async fn all_mistakes_of_a_document_are_reported_at_once() {
    let value = ask("{ characters { nam actors { id(x: 1) } } nobody character { name } }").await;
    assert!(value.get("data").is_none());
    let errors = value["errors"].as_array().unwrap();
    assert_eq!(errors.len(), 4, "{errors:#?}");
    assert!(errors.iter().all(|error| error["locations"][0]["line"] == json!(1)));
}

#[tokio::test]
async fn mutations_that_the_graph_does_not_have_are_refused() {
    for query in ["mutation { x }", "subscription { x }"] {
        let value = ask(query).await;
        assert!(value.get("data").is_none());
        assert_eq!(value["errors"].as_array().unwrap().len(), 1, "{value}");
    }
}

#[tokio::test]
async fn nesting_and_tokens_are_bounded_before_parsing() {
    let engine = enterprise(sqlite().await).await;
    let deep = |levels: usize| {
        format!("{}name{}", "{ characters { actors { character ".repeat(levels / 3), "}".repeat(levels))
    };
    let lists = format!("{{ character(id: {}1{}) {{ id }} }}", "[".repeat(10_000), "]".repeat(10_000));
    let many = format!("{{ {} }}", "character(id: 1) { id } ".repeat(100_000));
    for query in [deep(10_000), deep(100_000), lists, many] {
        let start = Instant::now();
        let value = engine.execute(query).await.to_value();
        assert_eq!(value["errors"][0]["extensions"]["code"], json!("LIMIT_EXCEEDED"), "{value}");
        assert!(start.elapsed() < Duration::from_secs(5), "refused at once");
    }
}

#[tokio::test]
async fn the_bytes_of_a_response_are_bounded() {
    let db = sqlite().await;
    hiku::sql::create_tables::<Query>(&db).await.unwrap();
    execute(&db, &super::fixture::ROWS).await;
    let engine = Engine::builder(Graph::new::<Query>().unwrap()).data(db).max_response_bytes(100_000).build().unwrap();
    let query = format!("{{ characters {}}}", "{ actors { character ".repeat(15) + "{ name }" + &"} }".repeat(15));
    let response = engine.execute(query).await;
    assert!(response.bytes().len() < 200_000);
    let value = response.to_value();
    assert_eq!(value["data"], json!(null));
    assert_eq!(value["errors"][0]["extensions"]["code"], json!("RESPONSE_TOO_LARGE"));
}

#[tokio::test]
async fn null_in_a_column_that_is_never_null_is_an_error_of_that_value() {
    on_each(|db| async move {
        execute(
            &db,
            &[
                "CREATE TABLE \"character\" (id BIGINT PRIMARY KEY, name TEXT, species TEXT)",
                "CREATE TABLE actor (id BIGINT PRIMARY KEY, name TEXT, character_id BIGINT)",
                "INSERT INTO \"character\" VALUES (1, NULL, NULL), (2, 'Spock', NULL)",
                "INSERT INTO actor VALUES (1, 'Nobody', NULL), (2, 'Nimoy', 2)",
            ],
        )
        .await;
        let engine = Engine::builder(Graph::new::<Query>().unwrap()).data(db).build().unwrap();
        let value =
            engine.execute("{ none: character(id: 1) { name } some: character(id: 2) { name } }").await.to_value();
        assert_eq!(value["data"], json!({"none": null, "some": {"name": "Spock"}}));
        assert_eq!(value["errors"][0]["path"], json!(["none", "name"]));
        // The foreign key, too: only the actor without one fails.
        let value = engine
            .execute("{ none: actor(id: 1) { character { id } } some: actor(id: 2) { character { id } } }")
            .await
            .to_value();
        assert_eq!(value["data"], json!({"none": null, "some": {"character": {"id": "2"}}}));
        assert_eq!(value["errors"][0]["path"], json!(["none", "character"]));
    })
    .await;
}

#[tokio::test]
async fn a_missing_table_is_a_masked_error_where_it_is_needed() {
    on_each(|db| async move {
        execute(
            &db,
            &[
                "CREATE TABLE \"character\" (id BIGINT PRIMARY KEY, name TEXT, species TEXT)",
                "INSERT INTO \"character\" VALUES (1, 'Kirk', NULL)",
            ],
        )
        .await;
        let engine = Engine::builder(Graph::new::<Query>().unwrap()).data(db).build().unwrap();
        let value = engine.execute("{ character(id: 1) { name } }").await.to_value();
        assert_eq!(value, json!({"data": {"character": {"name": "Kirk"}}}));
        let value = engine.execute("{ character(id: 1) { name actors { name } } }").await.to_value();
        assert_eq!(value["data"], json!({"character": null}));
        assert_eq!(value["errors"][0]["path"], json!(["character", "actors"]));
        assert!(!value.to_string().contains("SELECT"));
    })
    .await;
}
