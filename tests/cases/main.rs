//! Whole requests over two graphs, with what a graph engine has to answer: `cases.json` holds the data of the graphs, and for
//! each case the query, the answer, and which functions may be called how often. The answers of `more.json` are those of the
//! reference implementation of GraphQL.
#![allow(missing_docs, dead_code, unreachable_pub, reason = "fields of nodes are read by queries only")]

mod media;
mod shop;

use std::collections::HashMap;
use std::io::Write;

use apollo_compiler::ast::{self, Definition};
use hiku::prelude::*;
use hiku::{Limits, Response};
use serde::Deserialize;
use serde_json::{Value as Json, json};

#[derive(Deserialize)]
struct Cases {
    graphs: HashMap<String, GraphData>,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct GraphData {
    data: Json,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Case {
    name: String,
    graph: String,
    /// Why it does not run.
    skipped: Option<String>,
    query: String,
    variables: Option<Json>,
    operation_name: Option<String>,
    #[serde(default = "yes")]
    introspection: bool,
    /// Whether the answer is that of the specification, to the letter of its errors or not.
    conformance: String,
    /// With keys in the order of the response.
    data: Json,
    /// The paths of errors of fields; a refused request has none.
    paths: Option<Vec<Json>>,
    /// There are errors; the texts of refusals are our own.
    errors: Option<Vec<String>>,
    /// Every call of the function of links or of fields of a node, with the number of fields that it was asked for.
    calls: Option<Vec<(String, usize)>>,
}

fn yes() -> bool {
    true
}

fn cases() -> Cases {
    let mut cases: Cases = serde_json::from_str(include_str!("cases.json")).unwrap();
    let more: Vec<Case> = serde_json::from_str(include_str!("more.json")).unwrap();
    cases.cases.extend(more);
    cases
}

fn builder(graph: &str, introspection: bool) -> hiku::EngineBuilder {
    let mut limits = Limits::default();
    limits.introspection = introspection;
    match graph {
        "shop" => Engine::builder(shop::graph()).request_data::<shop::Shop>(),
        "media" => Engine::builder(media::graph()).request_data::<media::Library>(),
        other => panic!("no graph is named {other}"),
    }
    .limits(limits)
}

#[tokio::test]
async fn every_case_is_answered() {
    let Cases { graphs, cases } = cases();
    let engines = ["shop", "media"]
        .map(|graph| (graph, [true, false].map(|introspection| builder(graph, introspection).build().unwrap())));
    let (mut passed, mut skipped, mut failed) = (0, Vec::new(), Vec::new());
    for case in &cases {
        if let Some(why) = &case.skipped {
            skipped.push(format!("{}: {why}", case.name));
            continue;
        }
        let (_, engines) = engines.iter().find(|(graph, _)| *graph == case.graph).unwrap();
        let engine = &engines[usize::from(!case.introspection)];
        // The second time, the plan comes from the cache.
        let (first, calls) = run(engine, case, &graphs[&case.graph].data).await;
        let (second, _) = run(engine, case, &graphs[&case.graph].data).await;
        let mut wrong = differences(case, &first, &calls);
        if first.bytes() != second.bytes() {
            wrong.push(format!("another answer from the cache: {second}"));
        }
        if wrong.is_empty() {
            passed += 1;
        } else {
            failed.push(format!("{}: {}\n  {}", case.name, case.query, wrong.join("\n  ")));
        }
    }
    // Not `println!`, which is captured.
    let counts = format!("cases: {passed} passed, {} failed, {} skipped", failed.len(), skipped.len());
    writeln!(std::io::stderr(), "{counts}\n{}", skipped.join("\n")).unwrap();
    assert!(failed.is_empty(), "{counts}\n{}", failed.join("\n"));
    assert_eq!(passed + skipped.len(), cases.len());
}

async fn run(engine: &Engine, case: &Case, data: &Json) -> (Response, Vec<&'static str>) {
    let (shop, library);
    let mut request = Request::new(&*case.query);
    if let Some(variables) = &case.variables {
        request = request.variables(variables.clone());
    }
    if let Some(name) = &case.operation_name {
        request = request.operation_name(name);
    }
    if case.graph == "shop" {
        shop = shop::Shop::new(data);
        (engine.execute(request.data(shop.clone())).await, shop.calls())
    } else {
        library = media::Library::new(data);
        (engine.execute(request.data(library.clone())).await, library.calls())
    }
}

/// What is wrong with a response.
fn differences(case: &Case, response: &Response, calls: &[&'static str]) -> Vec<String> {
    let mut wrong = Vec::new();
    let value = response.to_value();
    // Texts, so that the order of keys counts.
    let (data, expected) = (comparable(&value["data"]).to_string(), comparable(&case.data).to_string());
    if data != expected {
        wrong.push(format!("expected {expected}\n  answered {value}"));
    }
    let none = Vec::new();
    let errors = value["errors"].as_array().unwrap_or(&none);
    if errors.is_empty() != case.errors.is_none() {
        wrong.push(format!("{} errors: {value}", errors.len()));
    }
    let paths: Vec<Json> = errors.iter().filter_map(|error| error.get("path").cloned()).collect();
    if paths != *case.paths.as_ref().unwrap_or(&none) {
        wrong.push(format!("paths {}", Json::from(paths.clone())));
    }
    let texts = errors.iter().map(|error| error["message"].as_str().unwrap());
    if !paths.is_empty() && case.conformance != "spec-error-own-text" && !texts.eq(case.errors.iter().flatten()) {
        wrong.push(format!("other texts: {value}"));
    }
    if !errors.is_empty() && paths.is_empty() && value.get("data").is_some() {
        wrong.push(format!("a refused request has no data: {value}"));
    }
    if let Some(allowed) = &case.calls {
        // One function answers all fields of a root there; here each has its own.
        let most = |(name, fields): &(String, usize)| {
            if name == "Query.fields" || name == "Mutation.fields" { *fields } else { 1 }
        };
        for called in calls {
            let allowed: usize = allowed.iter().filter(|(name, _)| name == called).map(most).sum();
            let times = calls.iter().filter(|other| *other == called).count();
            if times > allowed {
                wrong.push(format!("{called} was called {times} times instead of {allowed}: {calls:?}"));
            }
        }
    }
    wrong
}

/// Numbers are equal however they are written. The fields of a type have the order of our graph: those of the struct first.
fn comparable(value: &Json) -> Json {
    match value {
        Json::Number(number) => json!(number.as_f64()),
        Json::Array(items) => items.iter().map(comparable).collect(),
        Json::Object(object) => {
            let entries = object.iter().map(|(key, value)| {
                let mut value = comparable(value);
                if let (true, Some(fields)) = (object.contains_key("kind") && key == "fields", value.as_array_mut()) {
                    fields.sort_by_key(|field| field["name"].to_string());
                }
                (key.clone(), value)
            });
            Json::Object(entries.collect())
        }
        other => other.clone(),
    }
}

#[test]
fn the_schemas_are_those_of_the_cases() {
    for (graph, sdl) in [("shop", include_str!("shop.graphql")), ("media", include_str!("media.graphql"))] {
        let ours = builder(graph, true).build().unwrap().sdl();
        assert_eq!(sorted(&ours), sorted(sdl), "{graph}");
    }
}

/// A schema without the order of its definitions and fields.
fn sorted(sdl: &str) -> String {
    let mut document = ast::Document::parse(sdl, "schema.graphql").unwrap();
    for definition in &mut document.definitions {
        match definition {
            Definition::ObjectTypeDefinition(of) => of.make_mut().fields.sort_by_key(|field| field.name.clone()),
            Definition::InterfaceTypeDefinition(of) => of.make_mut().fields.sort_by_key(|field| field.name.clone()),
            Definition::InputObjectTypeDefinition(of) => of.make_mut().fields.sort_by_key(|field| field.name.clone()),
            Definition::UnionTypeDefinition(of) => of.make_mut().members.sort(),
            _ => {}
        }
    }
    document.definitions.sort_by_key(|definition| definition.name().cloned());
    document.to_string()
}
