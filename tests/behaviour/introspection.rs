//! Introspection, as graphql-js answers it over the schema that the engine exports.

use std::time::{Duration, Instant};

use hiku::prelude::*;
use hiku::read::Limits;
use serde_json::{Value as Json, json};

#[path = "introspection/graph.rs"]
mod graph;

/// The schema of the graph (`HIKU_BLESS=1` writes it), and all of it introspected by graphql-js:
///
/// ```text
/// cd tests/differential && npm ci && node introspection.mjs ../behaviour/introspection/schema.graphql \
///     >../behaviour/introspection/graphql-js.json
/// ```
const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/behaviour/introspection");

const EVERYTHING: &str = include_str!("introspection/everything.graphql");

async fn ask(request: impl Into<Request>) -> Json {
    graph::engine().execute(request).await.to_value()
}

async fn data(request: impl Into<Request>) -> String {
    let response = graph::engine().execute(request).await.to_string();
    let data = response.strip_prefix("{\"data\":").and_then(|rest| rest.strip_suffix('}'));
    data.unwrap_or_else(|| panic!("{response}")).to_owned()
}

#[test]
fn the_schema_is_recorded() {
    hiku::testing::assert_sdl(&graph::engine(), format!("{FOLDER}/schema.graphql"));
}

#[tokio::test]
async fn everything_is_as_graphql_js_answers_it() {
    let expected: Json = serde_json::from_str(include_str!("introspection/graphql-js.json")).unwrap();
    let got: Json = serde_json::from_str(&data(EVERYTHING).await).unwrap();
    for (key, expected) in expected["__schema"].as_object().unwrap() {
        let got = &got["__schema"][key];
        for (expected, got) in
            std::iter::zip(expected.as_array().into_iter().flatten(), got.as_array().into_iter().flatten())
        {
            assert_eq!(got.to_string(), expected.to_string());
        }
        assert_eq!(got.to_string(), expected.to_string(), "{key}");
    }
    assert_eq!(got.to_string(), expected.to_string());
}

#[tokio::test]
async fn keys_stand_in_the_order_of_the_query() {
    let query = "query($name: String!) {
        z: __typename
        type: __type(name: $name) { b: kind ...F name of: __typename ... on __Type { fields { type { ofType { name } } } } }
        titled { id }
        __schema { queryType { name } }
        type: __type(name: $name) { fields { name type { kind ...F } } }
    } fragment F on __Type { kind a: name }";
    assert_eq!(
        data(Request::new(query).variables(json!({"name": "Keyed"}))).await,
        r#"{"z":"Query","type":{"b":"INTERFACE","kind":"INTERFACE","a":"Keyed","name":"Keyed","of":"__Type","fields":[{"type":{"ofType":{"name":"ID"},"kind":"NON_NULL","a":null},"name":"id"}]},"titled":null,"__schema":{"queryType":{"name":"Query"}}}"#
    );
}

#[tokio::test]
async fn types_are_found_by_name() {
    let query = "query($name: String! = \"By\", $maybe: String = \"Page\") {
        a: __type(name: $name) { name kind isOneOf specifiedByURL fields { name } }
        b: __type(name: \"Address\") { kind specifiedByURL isOneOf }
        c: __type(name: \"Nothing\") { name } d: __type(name: \"__DirectiveLocation\") { kind }
        e: __type(name: \"Float\") { kind } f: __type(name: $maybe) { name }
        g: __type(name: \"\") { name } }";
    assert_eq!(
        data(query).await,
        r#"{"a":{"name":"By","kind":"INPUT_OBJECT","isOneOf":true,"specifiedByURL":null,"fields":null},"b":{"kind":"SCALAR","specifiedByURL":"https://example.org/address","isOneOf":null},"c":null,"d":{"kind":"ENUM"},"e":{"kind":"SCALAR"},"f":{"name":"Page"},"g":null}"#
    );
    // What nothing mentions is not there.
    let fixture = Engine::builder(Graph::new::<Small>().unwrap()).build().unwrap();
    let value = fixture.execute("{ a: __type(name: \"Float\") { name } b: __type(name: \"Int\") { name } }").await;
    assert_eq!(value.to_string(), r#"{"data":{"a":null,"b":{"name":"Int"}}}"#);
}

#[root]
struct Small {}

#[root]
impl Small {
    #[field]
    fn number() -> i32 {
        1
    }
}

#[tokio::test]
async fn a_name_that_is_null_or_missing_is_an_error() {
    let query = "query($name: String = \"Page\") { a: __typename __type(name: $name) { name } }";
    assert_eq!(
        ask(Request::new(query).variables(json!({"name": null}))).await,
        json!({"data": {"a": "Query", "__type": null}, "errors": [{
            "message": "Argument \"name\" of non-null type \"String!\" must not be null.",
            "locations": [{"line": 1, "column": 60}], "path": ["__type"], "extensions": {"code": "BAD_USER_INPUT"}}]})
    );
    for query in [
        "query($name: String!) { __type(name: $name) { name } }",
        "{ __type { name } }",
        "{ __type(name: null) { name } }",
    ] {
        assert!(ask(query).await.get("data").is_none(), "{query}");
    }
}

#[tokio::test]
async fn what_is_deprecated_is_shown_on_demand() {
    let query = "query($all: Boolean, $dflt: Boolean = true) {
        plain: __type(name: \"Genre\") { enumValues { name } }
        all: __type(name: \"Genre\") { enumValues(includeDeprecated: $dflt) { name isDeprecated deprecationReason } }
        input: __type(name: \"Wanted\") { none: inputFields(includeDeprecated: $all) { name } all: inputFields(includeDeprecated: true) { name } }
        movie: __type(name: \"Movie\") { fields { name } }
        query: __type(name: \"Query\") { fields { args { name } all: args(includeDeprecated: true) { name deprecationReason } } } }";
    let value = ask(Request::new(query).variables(json!({"all": null}))).await;
    let value = &value["data"];
    let names = |list: &Json| -> Vec<String> {
        list.as_array().unwrap().iter().map(|item| item["name"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(names(&value["plain"]["enumValues"]), ["DRAMA", "SCI_FI"]);
    assert_eq!(
        value["all"]["enumValues"][2],
        json!({"name": "MUSICAL", "isDeprecated": true, "deprecationReason": "nobody \"sings\""})
    );
    assert_eq!(value["all"]["enumValues"][3]["deprecationReason"], json!("No longer supported"));
    assert_eq!(names(&value["input"]["none"]).len() + 1, names(&value["input"]["all"]).len());
    assert_eq!(names(&value["movie"]["fields"]), ["id", "title", "homepage", "author"]);
    let place = &value["query"]["fields"][2];
    assert_eq!(names(&place["args"]), ["wanted", "huge", "genres", "id", "page"]);
    assert_eq!(place["all"][1], json!({"name": "weight", "deprecationReason": "unused"}));
}

#[tokio::test]
async fn conditions_hold_inside_too() {
    let query = "query($yes: Boolean = true, $no: Boolean!) {
        __schema @include(if: $yes) { queryType { name @skip(if: $no) kind @include(if: $no) ... @skip(if: $yes) { description } } }
        t: __type(name: \"Genre\") { name ...F @include(if: $no) } }
        fragment F on __Type { enumValues { name @include(if: $yes) } }";
    let with = |variables: Json| Request::new(query).variables(variables);
    assert_eq!(
        data(with(json!({"no": false}))).await,
        r#"{"__schema":{"queryType":{"name":"Query"}},"t":{"name":"Genre"}}"#
    );
    assert_eq!(data(with(json!({"yes": false, "no": true}))).await, r#"{"t":{"name":"Genre","enumValues":[{},{}]}}"#);
    // A condition that is null fails the first place that meets it, and null goes up to what can be null.
    let query = "query($yes: Boolean = true) { number: __type(name: \"Genre\") {
        name enumValues { name @include(if: $yes) } ofType { name @skip(if: $yes) } } }";
    assert_eq!(
        ask(Request::new(query).variables(json!({"yes": null}))).await,
        json!({"data": {"number": {"name": "Genre", "enumValues": null, "ofType": null}}, "errors": [{
            "message": "Argument \"if\" of non-null type \"Boolean!\" must not be null.",
            "locations": [{"line": 2, "column": 45}], "path": ["number", "enumValues", 0], "extensions": {"code": "BAD_USER_INPUT"}}]})
    );
    let query = "query($yes: Boolean = true) { __schema { types { name @include(if: $yes) } } }";
    let value = ask(Request::new(query).variables(json!({"yes": null}))).await;
    assert_eq!((&value["data"], &value["errors"][0]["path"]), (&Json::Null, &json!(["__schema", "types", 0])));
}

#[tokio::test]
async fn only_the_root_of_queries_is_introspected() {
    let value = ask("mutation { add __schema { queryType { name } } }").await;
    assert_eq!(value["errors"][0]["locations"], json!([{"line": 1, "column": 16}]));
    assert!(value.get("data").is_none());
    assert_eq!(data("mutation { add __typename }").await, r#"{"add":1,"__typename":"Mutation"}"#);
}

#[tokio::test]
async fn introspection_can_be_switched_off() {
    let mut limits = Limits::default();
    limits.introspection = false;
    let engine = graph::builder().limits(limits).build().unwrap();
    let value = engine.execute("{ __typename __schema { queryType { name } } }").await.to_value();
    assert_eq!(
        value["errors"][0]["message"],
        json!("GraphQL introspection has been disabled, but the requested query contained the field \"__schema\".")
    );
    assert_eq!(engine.execute("{ __typename }").await.to_string(), r#"{"data":{"__typename":"Query"}}"#);
}

#[tokio::test]
async fn lists_that_lead_into_each_other_are_refused() {
    for deep in [
        "{ __schema { types { fields { type { fields { type { fields { name } } } } } } } }",
        "{ __schema { types { ...F } } } fragment F on __Type { interfaces { possibleTypes { ...G } } }
         fragment G on __Type { ofType { ... { inputFields { name } } } }",
    ] {
        let value = ask(deep).await;
        assert_eq!(
            value["errors"],
            json!([{"message": "Maximum introspection depth exceeded", "locations": [{"line": 1, "column": 3}],
                "extensions": {"code": "GRAPHQL_VALIDATION_FAILED"}}])
        );
    }
    let chain = format!(
        "{{ __type(name: \"Query\") {{ fields {{ type {} }} }} }}",
        "{ ofType ".repeat(90) + "{ name }" + &"}".repeat(90)
    );
    assert!(ask(chain).await.get("errors").is_none());
}

/// A few kilobytes of a query that ask for gigabytes.
#[tokio::test]
async fn what_is_written_is_bounded() {
    let aliases = |count: usize, of: &str| (0..count).map(|at| format!("a{at}: {of} ")).collect::<String>();
    let inner = aliases(60, "description");
    let types = format!(
        "types {{ fields {{ type {{ fields {{ {} }} }} args {{ type {{ {inner} }} }} }} }}",
        aliases(30, "description")
    );
    let query = format!("{{ {} }}", aliases(40, &format!("__schema {{ {types} }}")));
    let engine = graph::builder().max_response_bytes(1 << 20).build().unwrap();
    let start = Instant::now();
    let value = engine.execute(query).await.to_value();
    assert_eq!(value["errors"][0]["extensions"]["code"], json!("RESPONSE_TOO_LARGE"), "{value}");
    assert_eq!(value["data"], Json::Null);
    assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
    // Errors count as well.
    let failing = format!(
        "query($x: Boolean = true) {{ {} }}",
        aliases(600, "__schema { types { fields { name @skip(if: $x) } } }")
    );
    let value = engine.execute(Request::new(failing).variables(json!({"x": null}))).await.to_value();
    assert_eq!(value["errors"][0]["extensions"]["code"], json!("RESPONSE_TOO_LARGE"), "{value}");
}
