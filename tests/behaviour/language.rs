//! GraphQL through the whole way: selections, fragments, conditions, operations, introspection.

use hiku::prelude::*;
use serde_json::{Value as Json, json};

use super::databases::{mariadb, postgres, sqlite};
use super::fixture::enterprise;

async fn ask(request: impl Into<Request>) -> (String, Json) {
    let request = request.into();
    let response = enterprise(sqlite().await).await.execute(request.clone()).await;
    if let Some(db) = postgres().await {
        assert_eq!(
            enterprise(db).await.execute(request.clone()).await.bytes(),
            response.bytes(),
            "on PostgreSQL as on SQLite"
        );
    }
    if let Some(db) = mariadb().await {
        assert_eq!(enterprise(db).await.execute(request).await.bytes(), response.bytes(), "on MariaDB as on SQLite");
    }
    (response.to_string(), response.to_value())
}

#[tokio::test]
async fn keys_stand_in_the_order_of_the_query() {
    let (text, _) =
        ask("{ z: character(id: 1) { n: name id ...F name } a: __typename } fragment F on Character { s: species id }")
            .await;
    assert_eq!(text, r#"{"data":{"z":{"n":"James T. Kirk","id":"1","s":"Human","name":"James T. Kirk"},"a":"Query"}}"#);
}

#[tokio::test]
async fn selections_of_one_key_are_merged() {
    let (text, _) = ask(
        "{ character(id: 1) { actors { id } ... on Character { actors { name } } ... { actors { __typename id } } } }",
    )
    .await;
    assert_eq!(
        text,
        r#"{"data":{"character":{"actors":[{"id":"1","name":"William Shatner","__typename":"Actor"},{"id":"4","name":"Chris Pine","__typename":"Actor"}]}}}"#
    );
}

#[tokio::test]
async fn conditions_choose_what_is_written_and_what_runs() {
    let query = "query($yes: Boolean!, $no: Boolean = false) { character(id: 1) {
        a: name @include(if: $yes) b: name @skip(if: $yes) c: name @include(if: $no) d: name @skip(if: false)
        actors @include(if: $no) { name } ...F @skip(if: $no) a: name } }
        fragment F on Character { e: name @include(if: $yes) @skip(if: $no) }";
    let engine = enterprise(sqlite().await).await;
    for (yes, no, expected, loads) in [
        (true, false, r#"{"data":{"character":{"a":"James T. Kirk","d":"James T. Kirk","e":"James T. Kirk"}}}"#, 1),
        (
            false,
            true,
            r#"{"data":{"character":{"b":"James T. Kirk","c":"James T. Kirk","d":"James T. Kirk","actors":[{"name":"William Shatner"},{"name":"Chris Pine"}],"a":"James T. Kirk"}}}"#,
            2,
        ),
    ] {
        for _ in 0..2 {
            let response = engine.execute(Request::new(query).variables(json!({"yes": yes, "no": no}))).await;
            assert_eq!(response.to_string(), expected);
            assert_eq!(response.loads().len(), loads);
        }
    }
}

#[tokio::test]
async fn nothing_selected_is_an_empty_object() {
    let (text, _) = ask("{ character(id: 1) { name @skip(if: true) } characters @include(if: false) { id } }").await;
    assert_eq!(text, r#"{"data":{"character":{}}}"#);
}

#[tokio::test]
async fn operations_are_chosen_by_name() {
    let query = "query A { character(id: 1) { name } } query B { character(id: 2) { name } }";
    let (text, _) = ask(Request::new(query).operation_name("B")).await;
    assert_eq!(text, r#"{"data":{"character":{"name":"Spock"}}}"#);
    for (request, message) in [
        (Request::new(query), "Must provide operation name if query contains multiple operations."),
        (Request::new(query).operation_name("C"), "Unknown operation named \"C\"."),
    ] {
        let (_, value) = ask(request).await;
        assert_eq!(value["errors"][0]["message"], json!(message));
        assert!(value.get("data").is_none());
    }
}

#[tokio::test]
async fn variables_are_coerced_on_every_request() {
    let query = "query($id: ID!, $limit: Int = 1) { character(id: $id) { name } movies(limit: $limit) { id } }";
    let engine = enterprise(sqlite().await).await;
    for (variables, expected) in [
        (json!({"id": 1}), r#"{"data":{"character":{"name":"James T. Kirk"},"movies":[{"id":"3"}]}}"#),
        (json!({"id": "2", "limit": 0}), r#"{"data":{"character":{"name":"Spock"},"movies":[]}}"#),
        (
            json!({"id": "2", "limit": 2.0}),
            r#"{"data":{"character":{"name":"Spock"},"movies":[{"id":"3"},{"id":"2"}]}}"#,
        ),
    ] {
        assert_eq!(engine.execute(Request::new(query).variables(variables)).await.to_string(), expected);
    }
    for (variables, message) in [
        (json!({}), "Variable \"$id\" of required type \"ID!\" was not provided."),
        (json!({"id": null}), "Variable \"$id\" of non-null type \"ID!\" must not be null."),
        (
            json!({"id": 1, "limit": 0.5}),
            "Variable \"$limit\" got invalid value 0.5; Int cannot represent non-integer value: 0.5",
        ),
    ] {
        let value = engine.execute(Request::new(query).variables(variables)).await.to_value();
        assert_eq!(value["errors"][0]["message"], json!(message));
        assert!(value.get("data").is_none());
    }
}

#[tokio::test]
async fn the_schema_describes_itself() {
    let (_, value) = ask(
        r#"query($t: String!) { __schema { queryType { name } } actor: __type(name: $t) { name description fields { name type { kind ofType { name } } } }
            none: __type(name: "Casting") { name } character(id: 1) { __typename } }"#,
    )
    .await;
    assert!(value.get("data").is_none(), "a variable is missing");
    let (_, value) = ask(
        Request::new(
            r#"query($t: String!) { __schema { queryType { name } } kind: __type(name: $t) { name description fields { name description } }
                none: __type(name: "Casting") { name } character(id: 1) { __typename } }"#,
        )
        .variables(json!({"t": "Character"})),
    )
    .await;
    assert_eq!(
        value,
        json!({"data": {
            "__schema": {"queryType": {"name": "Query"}},
            "kind": {"name": "Character", "description": "Someone aboard the Enterprise.", "fields": [
                {"name": "id", "description": null}, {"name": "name", "description": null}, {"name": "species", "description": null},
                {"name": "actors", "description": "Everyone who has played this character."}]},
            "none": null,
            "character": {"__typename": "Character"},
        }})
    );
}

/// Sent by editors that document what they ask (GraphQL, September 2025).
#[tokio::test]
async fn executable_definitions_are_described() {
    let described = r#"
        """
        One character.
        """
        query Kirk("Whose number: $it" $id: ID = "1" @skip(if: true), """more""" $yes: Boolean! = true) {
            character(id: $id) { ...Named @include(if: $yes) }
        }
        "What it is called." fragment Named on Character { name }"#
        .replace(" @skip(if: true)", "");
    let (text, _) = ask(described.as_str()).await;
    assert_eq!(text, r#"{"data":{"character":{"name":"James T. Kirk"}}}"#);
    for (refused, column) in [
        (r#""what" { __typename }"#, 1),
        (r#"query "what" { __typename }"#, 7),
        (r#"{ "what" __typename }"#, 3),
        (r#""one" "two" query { __typename }"#, 1),
        (r#"query($a: Int = "x" "y") { __typename }"#, 21),
        (r#"query($a: Int "y") { __typename }"#, 15),
    ] {
        let (text, json) = ask(refused).await;
        assert_eq!(json["errors"][0]["extensions"]["code"], "GRAPHQL_PARSE_FAILED", "{refused}: {text}");
        assert_eq!(json["errors"][0]["locations"], json!([{"line": 1, "column": column}]), "{refused}: {text}");
        assert_eq!(json.get("data"), None, "{refused}");
    }
}

#[tokio::test]
async fn names_of_arguments_and_of_fields_of_inputs_need_a_colon() {
    for (refused, column, found) in [
        ("{ character(id id: 1) { name } }", 16, r#"Name "id""#),
        ("{ character(id) { name } }", 15, r#"")""#),
        ("{ character(id 1) { name } }", 16, r#"Int "1""#),
        ("{ character(id: {a 1.5}) { name } }", 20, r#"Float "1.5""#),
        ("{ character(id: [{a: 1 b}]) { name } }", 25, r#""}""#),
        ("{ character(id: 1) @skip(if true) { name } }", 29, r#"Name "true""#),
        ("query($a: I = {b \"c\"}) { __typename }", 18, r#"String "c""#),
    ] {
        let (_, json) = ask(refused).await;
        let error = &json["errors"][0];
        let found = format!(r#"Syntax Error: Expected ":", found {found}."#);
        assert_eq!((&error["message"], &error["locations"][0]["column"]), (&json!(found), &json!(column)), "{refused}");
    }
    // What stands elsewhere needs none.
    let (text, _) =
        ask("query($a: [ID] = [x y], $b: Boolean = true) { character(id: 1 ) @include(if: $b) { name } }").await;
    assert!(!text.contains("Syntax Error"), "{text}");
}

/// Commas, comments and byte order marks stand anywhere between tokens.
#[tokio::test]
async fn ignored_tokens_are_ignored_everywhere() {
    let text = "\u{feff}#a\n,{,\u{feff}first,#b\r:,character#c\n,(,id\u{feff}:,1,),{,...,#\"{\n,on,Character,{,name,},...#d\n@include,(if:true){,id}}}#";
    assert_eq!(ask(text).await.0, r#"{"data":{"first":{"name":"James T. Kirk","id":"1"}}}"#);
}
