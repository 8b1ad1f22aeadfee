//! The engine of the example `movies` beside the reference implementation: the same requests, the same answers.
//!
//! `tests/differential/oracle.mjs` writes the requests with their answers, `.ci/differential` runs both.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use apollo_compiler::Schema;
use hiku::{Engine, Request};
use serde::de::IgnoredAny;
use serde_json::{Deserializer, Value as Json};

#[allow(unreachable_pub, reason = "what the example shares is public to its other files")]
#[path = "../examples/movies/graph.rs"]
mod graph;

#[allow(unreachable_pub, dead_code, missing_docs, reason = "what the tests of behaviour share")]
#[path = "behaviour/introspection/graph.rs"]
mod every_type;

use graph::Counter;

/// How many differences are shown in full, unless HIKU_ORACLE_SHOWN says.
const SHOWN: usize = 20;
/// How many sorts of differences are in the table.
const SORTS: usize = 40;

#[tokio::test]
async fn answers_are_those_of_the_reference_implementation() {
    agree("HIKU_ORACLE", &graph::engine().unwrap()).await;
}

#[tokio::test]
async fn introspection_is_that_of_the_reference_implementation() {
    agree("HIKU_ORACLE_INTROSPECTION", &every_type::engine()).await;
}

/// The requests in the file that this variable of the environment names are answered as it says.
async fn agree(file: &str, engine: &Engine) {
    let Ok(file) = std::env::var(file) else {
        println!("no {file}: nothing is compared with the reference implementation; see .ci/differential");
        return;
    };
    let text = std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{file}: {error}"));
    let shown = std::env::var("HIKU_ORACLE_SHOWN").map_or(SHOWN, |shown| shown.parse().expect("a number"));
    let mut report = Report { shown, ..Report::default() };
    for line in text.lines().filter(|line| !line.is_empty()) {
        let case: Json = serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
        let (case, got) = run(engine, &case).await;
        compare(&case, &got, &mut report);
    }
    println!("{}", report.table());
    assert!(report.cases > 0, "{file} has no requests");
    assert!(report.failures() == 0, "{}", report.differences());
}

#[test]
fn the_schema_is_the_given_one() {
    let given = include_str!("../examples/movies/schema.graphql");
    // Subscriptions are not served.
    let (queries, _) = given.split_once("type Subscription").unwrap();
    let given = queries.replace("schema { query: Query mutation: Mutation subscription: Subscription }", "");
    let types = |sdl: &str| Schema::parse(sdl, "schema.graphql").unwrap().types;
    let exported = graph::engine().unwrap().sdl();
    assert!(types(&exported) == types(&given), "{exported}");
}

#[tokio::test]
async fn invalid_documents_are_refused() {
    let corpus: Vec<Json> = serde_json::from_str(include_str!("differential/corpus.json")).unwrap();
    let engine = graph::engine().unwrap();
    let (mut accepted, mut elsewhere) = (String::new(), String::new());
    let mut counts: BTreeMap<&str, [usize; 3]> = BTreeMap::new();
    for entry in &corpus {
        let [rule, query, message] = ["rule", "query", "message"].map(|key| entry[key].as_str().unwrap());
        let got = Answer::of(engine.execute(Request::new(query).data(Counter::default())).await.bytes());
        if got.data.is_some() {
            writeln!(accepted, "{rule}: {query:?}: {message}").unwrap();
            continue;
        }
        let first = got.errors.first().unwrap_or(&Json::Null);
        let (expected, place) = (locations(entry), locations(first));
        let differs = [expected != place, first["message"] != message];
        let count = counts.entry(rule).or_default();
        count[0] += 1;
        count[1] += usize::from(differs[0]);
        count[2] += usize::from(differs[1]);
        if differs[0] || (differs[1] && entry["stage"] == "validation") {
            writeln!(elsewhere, "{rule}: {query:?}\n    {expected} {message}\n    {place} {}", first["message"])
                .unwrap();
        }
    }
    println!("{:32} {:>9} {:>9} {:>9}", "invalid documents", "cases", "position", "message");
    let mut total = [0; 3];
    for (rule, count) in counts {
        println!("{rule:32} {:>9} {:>9} {:>9}", count[0], count[1], count[2]);
        (0..3).for_each(|at| total[at] += count[at]);
    }
    println!("{:32} {:>9} {:>9} {:>9}", "all", total[0], total[1], total[2]);
    assert!(accepted.is_empty(), "accepted, but invalid:\n{accepted}");
    assert!(elsewhere.is_empty(), "not refused as by the reference implementation:\n{elsewhere}");
}

/// A request with the answer that is expected, and what the engine answered.
async fn run(engine: &Engine, case: &Json) -> (Case, Answer) {
    let query = case["query"].as_str().unwrap();
    let mut request = Request::new(query).variables(case["variables"].clone()).data(Counter::default());
    if let Some(name) = case["operationName"].as_str() {
        request = request.operation_name(name);
    }
    let response = engine.execute(request).await;
    let text = |key: &str| case[key].as_str().unwrap_or_default().to_owned();
    let expect = Answer {
        data: case["dataText"].as_str().map(str::to_owned),
        errors: case["expect"]["errors"].as_array().unwrap().clone(),
    };
    let unordered = case["unordered"] == true;
    let stage = case["expect"]["stage"].as_str().unwrap().to_owned();
    let title = format!(
        "{} ({}, operation {}, variables {})",
        case["id"],
        text("kind"),
        case["operationName"],
        case["variables"]
    );
    (Case { title, query: query.to_owned(), stage, unordered, expect }, Answer::of(response.bytes()))
}

struct Case {
    title: String,
    query: String,
    stage: String,
    /// Whether it asks for lists whose order the language leaves open.
    unordered: bool,
    expect: Answer,
}

/// A response: its data as they are written, if there are any.
struct Answer {
    data: Option<String>,
    errors: Vec<Json>,
}

impl Answer {
    fn of(response: &[u8]) -> Self {
        let mut answer = Answer { data: None, errors: Vec::new() };
        for (key, value) in members(std::str::from_utf8(response).unwrap()) {
            match key.as_str() {
                "data" => answer.data = Some(value.to_owned()),
                "errors" => answer.errors = serde_json::from_str(value).unwrap(),
                _ => {}
            }
        }
        answer
    }
}

/// The members of an object as they are written.
fn members(object: &str) -> Vec<(String, &str)> {
    // The next value, and what follows it.
    fn value(text: &str) -> (&str, &str) {
        let text = text.trim_start();
        let mut values = Deserializer::from_str(text).into_iter::<IgnoredAny>();
        values.next().expect("a value").expect("sound JSON");
        text.split_at(values.byte_offset())
    }
    let mut rest = object.trim().strip_prefix('{').expect("an object");
    let mut members = Vec::new();
    while !rest.trim_start().starts_with('}') {
        let (key, after) = value(rest);
        let (value, after) = value(after.trim_start().strip_prefix(':').expect("a colon"));
        members.push((serde_json::from_str(key).expect("a key"), value));
        rest = after.trim_start();
        rest = rest.strip_prefix(',').unwrap_or(rest);
    }
    members
}

fn compare(case: &Case, got: &Answer, report: &mut Report) {
    let expect = &case.expect;
    report.cases += 1;
    *report.stages.entry(case.stage.clone()).or_default() += 1;
    let (expected, written) = match (&expect.data, &got.data) {
        (None, None) => return compare_refusals(case, got, report),
        (None, Some(_)) => {
            let detail = format!("expected {}", Json::from(expect.errors.clone()));
            return report.fail(
                format!("accepted, but {}: {}", refused_by(&case.stage), sort_of(expect)),
                case,
                &detail,
            );
        }
        (Some(_), None) => {
            let detail = format!("got {}", Json::from(got.errors.clone()));
            return report.fail(format!("refused, but accepted: {}", sort_of(got)), case, &detail);
        }
        (Some(expected), Some(written)) => (expected, written),
    };
    let in_order = |text: &str| if case.unordered { sorted(text) } else { text.to_owned() };
    let (expected, written) = (in_order(expected), in_order(written));
    if expected != written {
        let sort = if numbers(&expected) == numbers(&written) { "data: only the text of numbers" } else { "data" };
        report.fail(sort.into(), case, &apart(&expected, &written));
    }
    let paths = |answer: &Answer, with: fn(&Json) -> String| {
        let mut paths: Vec<String> = answer.errors.iter().map(with).collect();
        paths.sort();
        paths
    };
    let path = |error: &Json| error["path"].to_string();
    let place = |error: &Json| format!("{} {}", error["path"], locations(error));
    let message = |error: &Json| format!("{} {}", error["path"], error["message"]);
    let detail =
        || format!("expected {}\n     got {}", Json::from(expect.errors.clone()), Json::from(got.errors.clone()));
    if paths(expect, path) != paths(got, path) {
        report.fail("paths of errors".into(), case, &detail());
    } else if paths(expect, place) != paths(got, place) {
        report.fail("locations of errors in fields".into(), case, &detail());
    } else if paths(expect, message) != paths(got, message) {
        report.count("messages of errors in fields");
    }
}

/// Both refuse. The rules of validation say the same in the same places; otherwise it is counted what differs.
fn compare_refusals(case: &Case, got: &Answer, report: &mut Report) {
    let expect = &case.expect;
    let differs = |of: fn(&Json) -> Json| expect.errors.first().map(of) != got.errors.first().map(of);
    let sorts = [
        ("message of the first error", differs(|error| error["message"].clone())),
        ("position of the first error", differs(|error| locations(error).into())),
        ("number of errors", expect.errors.len() != got.errors.len()),
    ];
    for (sort, _) in sorts.into_iter().filter(|(_, differs)| *differs) {
        let sort = format!("{}: {sort}", case.stage);
        if case.stage == "validation" {
            let errors = [expect, got].map(|answer| Json::from(answer.errors.clone()));
            report.fail(sort, case, &format!("expected {}\n     got {}", errors[0], errors[1]));
        } else {
            report.count(&sort);
        }
    }
}

fn refused_by(stage: &str) -> &str {
    match stage {
        "syntax" => "bad syntax",
        "validation" => "invalid",
        _ => "a bad request",
    }
}

/// `line:column …` of an error.
fn locations(error: &Json) -> String {
    let all = error["locations"].as_array().into_iter().flatten();
    all.map(|place| format!("{}:{}", place["line"], place["column"])).collect::<Vec<_>>().join(" ")
}

/// What the first error says, without its names and values.
fn sort_of(answer: &Answer) -> String {
    let message = answer.errors.first().and_then(|error| error["message"].as_str()).unwrap_or("no error");
    let plain: Vec<&str> = message.lines().next().unwrap_or_default().split('"').step_by(2).collect();
    plain.join("…").chars().map(|letter| if letter.is_ascii_digit() { '0' } else { letter }).take(90).collect()
}

/// With every number as the nearest double.
fn numbers(text: &str) -> Json {
    fn normal(value: Json) -> Json {
        match value {
            Json::Number(number) => number.as_f64().map_or(Json::Null, |number| Json::from(number + 0.0)),
            Json::Array(items) => items.into_iter().map(normal).collect(),
            Json::Object(members) => members.into_iter().map(|(key, value)| (key, normal(value))).collect(),
            other => other,
        }
    }
    normal(serde_json::from_str(text).unwrap())
}

/// With every list in the order of its texts, and without the example's subscriptions.
fn sorted(text: &str) -> String {
    fn sort(value: Json) -> Json {
        match value {
            Json::Array(items) => {
                let items = items.into_iter().filter(|item| item["name"] != "Subscription").map(sort);
                let mut items: Vec<Json> = items.collect();
                items.sort_by_cached_key(Json::to_string);
                items.into()
            }
            Json::Object(members) => members.into_iter().map(|(key, value)| (key, sort(value))).collect(),
            other => other,
        }
    }
    sort(serde_json::from_str(text).unwrap()).to_string()
}

/// Where two texts part.
fn apart(expected: &str, got: &str) -> String {
    let same = expected.chars().zip(got.chars()).take_while(|(left, right)| left == right).count();
    let around = |text: &str| text.chars().skip(same.saturating_sub(120)).take(300).collect::<String>();
    format!("expected at {same} …{}…\n     got at {same} …{}…", around(expected), around(got))
}

#[derive(Default)]
struct Report {
    cases: usize,
    /// How far the reference implementation came.
    stages: BTreeMap<String, usize>,
    /// What must not differ.
    failed: BTreeMap<String, usize>,
    /// What may.
    counted: BTreeMap<String, usize>,
    /// How many differences are kept in full.
    shown: usize,
    first: Vec<String>,
}

impl Report {
    fn fail(&mut self, sort: String, case: &Case, detail: &str) {
        if self.first.len() < self.shown {
            self.first.push(format!("== {sort}\ncase {}\n{}\n{detail}\n", case.title, case.query));
        }
        *self.failed.entry(sort).or_default() += 1;
    }

    fn count(&mut self, sort: &str) {
        *self.counted.entry(sort.to_owned()).or_default() += 1;
    }

    fn failures(&self) -> usize {
        self.failed.values().sum()
    }

    fn table(&self) -> String {
        let accepted = self.stages.get("executed").copied().unwrap_or_default();
        let mut table = String::new();
        let mut row = |name: &str, count: usize| writeln!(table, "{name:100} {count:>7}").unwrap();
        row("cases", self.cases);
        row("accepted by the reference implementation", accepted);
        row("refused by the reference implementation", self.cases - accepted);
        self.stages
            .iter()
            .filter(|(stage, _)| *stage != "executed")
            .for_each(|(stage, &count)| row(&format!("    {stage}"), count));
        row("differences", self.failures());
        let mut failed: Vec<_> = self.failed.iter().collect();
        failed.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
        let (first, others) = failed.split_at(failed.len().min(SORTS));
        first.iter().for_each(|(sort, count)| row(&format!("    {sort}"), **count));
        if !others.is_empty() {
            row("    of other sorts", others.iter().map(|(_, count)| **count).sum());
        }
        row("differences that are only counted", self.counted.values().sum());
        self.counted.iter().for_each(|(sort, &count)| row(&format!("    {sort}"), count));
        table
    }

    fn differences(&self) -> String {
        format!("{} differences; the first {}:\n\n{}", self.failures(), self.first.len(), self.first.join("\n"))
    }
}
