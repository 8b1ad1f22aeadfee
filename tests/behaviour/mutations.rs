//! Mutations: their fields run in turn, each with all below it.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use hiku::Value;
use hiku::graph::{Answer, Cardinality, FieldBuilder, LinkBuilder, LoaderRun, NodeBuilder, Rows};
use hiku::index::Column;
use hiku::prelude::*;
use hiku::sql::Dialect;
use hiku::testing::run;
use serde_json::{Value as Json, json};

use super::databases::{execute, on_each};

/// What happened, in its order.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<String>>>);

impl Log {
    fn push(&self, what: impl Into<String>) {
        self.0.lock().unwrap().push(what.into());
    }

    fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

#[node]
#[derive(Clone)]
struct Note {
    #[key]
    id: i64,
    text: String,
}

#[node]
impl Note {
    #[field]
    async fn length(Data(log): Data<Log>, id: &[i64], text: &[&str]) -> Vec<i32> {
        log.push(format!("length of {id:?}"));
        tokio::time::sleep(Duration::from_millis(2)).await;
        log.push(format!("lengths {id:?}"));
        text.iter().map(|text| text.len() as i32).collect()
    }

    #[link]
    async fn copies(Data(log): Data<Log>, id: &[i64]) -> Vec<Many<Note>> {
        log.push(format!("copies of {id:?}"));
        tokio::task::yield_now().await;
        id.iter()
            .map(|id| Many::nodes([1, 2].map(|at| Note { id: id * 10 + at, text: "c".repeat(at as usize) })))
            .collect()
    }

    #[field]
    async fn broken(id: &[i64]) -> Vec<Result<i32>> {
        id.iter().map(|id| Err(Error::new(format!("{id} is broken")))).collect()
    }
}

#[root]
struct Query {}

#[root]
impl Query {
    #[field]
    fn history(Data(log): Data<Log>) -> Vec<String> {
        log.0.lock().unwrap().clone()
    }

    #[link]
    async fn note(#[arg] id: i64) -> Maybe<Note> {
        Maybe::node(Note { id, text: "n".into() })
    }
}

#[root]
struct Mutation {}

#[root]
impl Mutation {
    /// Slower ones would come later if they ran side by side.
    #[link]
    async fn add(Data(log): Data<Log>, #[arg] id: i64, #[arg(default = 0)] wait: i32) -> One<Note> {
        log.push(format!("add {id}"));
        tokio::time::sleep(Duration::from_millis(wait as u64)).await;
        log.push(format!("added {id}"));
        One::node(Note { id, text: format!("note {id}") })
    }

    #[link]
    async fn perhaps(#[arg] id: i64) -> Maybe<Note> {
        Maybe::node(Note { id, text: String::new() })
    }

    #[field]
    fn count(Data(log): Data<Log>) -> i32 {
        log.push("count");
        log.0.lock().unwrap().iter().filter(|what| *what == "count").count() as i32
    }

    #[field]
    async fn fails(Data(log): Data<Log>) -> Result<Option<i32>> {
        log.push("fails");
        Err(Error::new("no luck"))
    }

    #[field]
    async fn must(Data(log): Data<Log>) -> Result<i32> {
        log.push("must");
        Err(Error::new("must not"))
    }

    #[field]
    async fn panics() -> Option<i32> {
        tokio::task::yield_now().await;
        panic!("boom")
    }

    #[field]
    async fn forever(Data(log): Data<Log>) -> Option<i32> {
        log.push("forever");
        std::future::pending().await
    }

    #[field]
    fn long(#[arg] bytes: i32) -> String {
        "x".repeat(bytes as usize)
    }
}

fn graph() -> Graph {
    Graph::new::<Query>().mutation::<Mutation>().unwrap()
}

fn engine() -> (Engine, Log) {
    let log = Log::default();
    (Engine::builder(graph()).data(log.clone()).build().unwrap(), log)
}

async fn ask(request: impl Into<Request>) -> (Json, Vec<String>) {
    let (engine, log) = engine();
    (engine.execute(request).await.to_value(), log.take())
}

#[tokio::test]
async fn the_fields_of_a_mutation_run_in_their_order() {
    let (value, log) =
        ask("mutation { c: add(id: 3, wait: 9) { id } a: add(id: 1, wait: 3) { id } b: add(id: 2) { id } }").await;
    assert_eq!(value, json!({"data": {"c": {"id": "3"}, "a": {"id": "1"}, "b": {"id": "2"}}}));
    assert_eq!(log, ["add 3", "added 3", "add 1", "added 1", "add 2", "added 2"]);
}

#[tokio::test]
async fn the_fields_of_a_query_do_not_wait_for_each_other() {
    let (value, log) = ask("{ a: note(id: 1) { length } b: note(id: 2) { length } }").await;
    assert_eq!(value, json!({"data": {"a": {"length": 1}, "b": {"length": 1}}}));
    assert_eq!(log, ["length of [1]", "length of [2]", "lengths [1]", "lengths [2]"]);
}

#[tokio::test]
async fn all_below_a_field_is_done_before_the_next_one_starts_and_batched() {
    let (engine, log) = engine();
    let query =
        "mutation { a: add(id: 1) { length copies { copies { length } } } b: add(id: 2) { copies { id length } } }";
    let ran = run(&engine, query).await;
    let copies = json!({"copies": [{"length": 1}, {"length": 2}]});
    ran.assert_json(json!({"data": {
        "a": {"length": 6, "copies": [copies, copies]},
        "b": {"copies": [{"id": "21", "length": 1}, {"id": "22", "length": 2}]},
    }}));
    let expected = [
        "Mutation.add",
        "Note.length",
        "Note.copies",
        "Note.copies[2]",
        "Note.length[4]",
        "Mutation.add",
        "Note.copies",
        "Note.length[2]",
    ];
    let names: Vec<String> = ran.loads().iter().map(|load| load.replace("[1]", "")).collect();
    assert_eq!(names, expected);
    let log = log.take();
    let second = log.iter().position(|what| what == "add 2").unwrap();
    assert_eq!(log[second - 1], "lengths [111, 112, 121, 122]", "{log:?}");
}

#[tokio::test]
async fn equal_aliases_each_run_and_equal_keys_run_once() {
    let (value, log) = ask("mutation { a: count b: count a: count c: count }").await;
    assert_eq!(value, json!({"data": {"a": 1, "b": 2, "c": 3}}));
    assert_eq!(log.len(), 3);
    let (value, log) = ask("mutation { add(id: 1) { id } add(id: 1) { length } }").await;
    assert_eq!(value, json!({"data": {"add": {"id": "1", "length": 6}}}));
    assert_eq!(log.iter().filter(|what| *what == "add 1").count(), 1);
}

#[tokio::test]
async fn a_field_that_fails_leaves_the_others() {
    let (value, log) = ask("mutation { a: count fails perhaps(id: 7) { broken } panics b: count }").await;
    assert_eq!(value["data"], json!({"a": 1, "fails": null, "perhaps": null, "panics": null, "b": 2}));
    let paths: Vec<&Json> = value["errors"].as_array().unwrap().iter().map(|error| &error["path"]).collect();
    assert_eq!(paths, [&json!(["fails"]), &json!(["perhaps", "broken"]), &json!(["panics"])]);
    assert_eq!(value["errors"][0]["locations"], json!([{"line": 1, "column": 21}]));
    assert_eq!(log, ["count", "fails", "count"]);
}

#[tokio::test]
async fn nothing_runs_after_a_field_that_must_not_fail() {
    for (query, path) in [
        ("mutation { a: count fails must b: count }", json!(["must"])),
        ("mutation { a: count fails add(id: 1) { broken } b: count }", json!(["add", "broken"])),
    ] {
        let (value, log) = ask(query).await;
        assert_eq!(value["data"], json!(null));
        let errors = value["errors"].as_array().unwrap();
        assert_eq!(errors.len(), 2, "{value}");
        assert_eq!((&errors[0]["path"], &errors[1]["path"]), (&json!(["fails"]), &path));
        assert_eq!(log.iter().filter(|what| *what == "count").count(), 1, "{log:?}");
    }
}

#[tokio::test]
async fn variables_fragments_and_conditions_hold_on_the_root_of_mutations() {
    let (engine, log) = engine();
    let query = "mutation M($i: Int!, $no: Boolean = false) { ...F b: count @skip(if: true) c: count @include(if: $no)
          ... on Mutation @skip(if: $no) { d: count } }
        fragment F on Mutation { __typename add(id: $i) { ...N } } fragment N on Note { id }";
    let ask = |no: bool| engine.execute(Request::new(query).variables(json!({"i": 4, "no": no})));
    assert_eq!(ask(false).await.to_string(), r#"{"data":{"__typename":"Mutation","add":{"id":"4"},"d":1}}"#);
    assert_eq!(ask(true).await.to_string(), r#"{"data":{"__typename":"Mutation","add":{"id":"4"},"c":2}}"#);
    assert_eq!(log.take().iter().filter(|what| *what == "count").count(), 2);
    assert_eq!(engine.execute("mutation { count @skip(if: true) }").await.to_string(), r#"{"data":{}}"#);
    assert_eq!(
        engine.execute("mutation { a: __typename b: __typename }").await.to_string(),
        r#"{"data":{"a":"Mutation","b":"Mutation"}}"#
    );
    assert_eq!(log.take(), [""; 0]);
}

#[tokio::test]
async fn a_mutation_runs_again_from_the_cache_of_plans() {
    let (engine, _) = engine();
    for at in 0..3 {
        let value = engine.execute("mutation { a: count b: count }").await.to_value();
        assert_eq!(value, json!({"data": {"a": at * 2 + 1, "b": at * 2 + 2}}));
    }
}

#[tokio::test]
async fn introspection_shows_the_root_of_mutations() {
    let (value, _) = ask(
        "{ __schema { queryType { name } mutationType { name fields { name } } } __type(name: \"Mutation\") { kind } }",
    )
    .await;
    assert_eq!(value["data"]["__schema"]["mutationType"]["name"], json!("Mutation"));
    assert_eq!(value["data"]["__schema"]["mutationType"]["fields"][0], json!({"name": "add"}));
    assert_eq!(value["data"]["__type"]["kind"], json!("OBJECT"));
    for query in ["mutation { __schema { queryType { name } } }", "mutation { count __type(name: \"Note\") { name } }"]
    {
        let (value, log) = ask(query).await;
        assert!(value.get("data").is_none(), "{value}");
        assert_eq!(log, [""; 0]);
    }
}

#[tokio::test]
async fn fields_of_one_root_are_unknown_to_the_other() {
    for query in ["mutation { history }", "{ count }", "{ ...F } fragment F on Mutation { count }"] {
        let (value, log) = ask(query).await;
        assert_eq!(value["errors"][0]["extensions"]["code"], json!("GRAPHQL_VALIDATION_FAILED"), "{value}");
        assert_eq!(log, [""; 0]);
    }
}

#[tokio::test]
async fn a_mutation_is_refused_where_the_graph_has_none_and_only_if_it_is_chosen() {
    let log = Log::default();
    let engine = Engine::builder(Graph::new::<Query>().unwrap()).data(log).build().unwrap();
    let refused = engine.execute("\n mutation { add(id: 1) { id } }").await.to_value();
    assert_eq!(
        refused,
        json!({"errors": [{"message": "Schema is not configured to execute mutation operation.",
            "locations": [{"line": 2, "column": 2}], "extensions": {"code": "OPERATION_RESOLUTION_FAILED"}}]})
    );
    let text = "mutation M($i: ID!) { add(id: $i) { ...N } } query Q { note(id: 1) { id } } subscription S { x }
        fragment N on Note { text }";
    let ask = |name: &str| engine.execute(Request::new(text).operation_name(name).variables(json!({"i": 1})));
    assert_eq!(ask("Q").await.to_string(), r#"{"data":{"note":{"id":"1"}}}"#);
    for (name, message) in [
        ("M", "Schema is not configured to execute mutation operation."),
        ("S", "Schema is not configured to execute subscription operation."),
        ("N", "Unknown operation named \"N\"."),
    ] {
        assert_eq!(ask(name).await.to_value()["errors"][0]["message"], json!(message));
    }
    let value = engine.execute(text).await.to_value();
    assert_eq!(
        value["errors"][0]["message"],
        json!("Must provide operation name if query contains multiple operations.")
    );
    // The rest of such a document is judged as always.
    for (text, part) in [
        ("mutation M { x } query Q { nothing }", "nothing"),
        ("mutation M { x } query Q($unused: Int) { note(id: 1) { id } }", "unused"),
        ("mutation M($i: Int) { x(i: $i) } query Q($i: Int) { note(id: 1) { id } }", "$i"),
        ("mutation M { x } query Q { note(id: 1) { id } } fragment Left on Note { id }", "Left"),
        ("mutation Q { x } query Q { note(id: 1) { id } }", "Q"),
    ] {
        let value = engine.execute(Request::new(text).operation_name("Q")).await.to_value();
        let errors = value["errors"].as_array().unwrap_or_else(|| panic!("{text}: {value}"));
        assert_eq!(errors.len(), 1, "{value}");
        assert!(errors[0]["message"].as_str().unwrap().contains(part), "{value}");
        assert_eq!(errors[0]["extensions"]["code"], json!("GRAPHQL_VALIDATION_FAILED"));
    }
}

#[tokio::test]
async fn an_operation_is_chosen_by_name_among_queries_and_mutations() {
    let (engine, log) = engine();
    let text = "query Q { history } mutation M { count }";
    let ask = |name: &str| engine.execute(Request::new(text).operation_name(name));
    assert_eq!(ask("M").await.to_string(), r#"{"data":{"count":1}}"#);
    assert_eq!(ask("Q").await.to_string(), r#"{"data":{"history":["count"]}}"#);
    assert!(!engine.execute(text).await.is_ok());
    assert_eq!(log.take(), ["count"]);
}

mod renamed {
    use hiku::prelude::*;

    #[root(name = "Reads")]
    pub struct Query {}

    #[root]
    impl Query {
        #[field]
        fn one() -> i32 {
            1
        }
    }

    #[root(name = "Writes")]
    pub struct Mutation {}

    #[root]
    impl Mutation {
        /// Two.
        #[field]
        fn two() -> i32 {
            2
        }
    }
}

#[tokio::test]
async fn roots_with_other_names_are_declared_in_the_schema() {
    let graph = Graph::new::<renamed::Query>().mutation::<renamed::Mutation>().unwrap();
    let engine = Engine::builder(graph).build().unwrap();
    let schema = "schema {\n  query: Reads\n  mutation: Writes\n}\n\ntype Reads {\n  one: Int!\n}\n\ntype Writes {\n  \"\"\"Two.\"\"\"\n  two: Int!\n}\n";
    assert_eq!(engine.sdl(), schema);
    assert_eq!(
        engine.execute("mutation { two __typename }").await.to_string(),
        r#"{"data":{"two":2,"__typename":"Writes"}}"#
    );
    let (usual, _) = self::engine();
    assert!(usual.sdl().starts_with("type Query {\n"), "{}", usual.sdl());
    assert!(usual.sdl().contains("\n}\n\ntype Mutation {\n"), "{}", usual.sdl());
}

#[tokio::test]
async fn a_dropped_mutation_stops() {
    let (engine, log) = engine();
    let query = "mutation { a: count forever b: count }";
    assert!(tokio::time::timeout(Duration::from_millis(20), engine.execute(query)).await.is_err());
    tokio::time::sleep(Duration::from_millis(5)).await;
    assert_eq!(log.take(), ["count", "forever"]);
}

#[test]
fn mutations_run_without_a_runtime() {
    let (engine, log) = engine();
    let response = engine.execute_blocking("mutation { a: count long(bytes: 2) b: count }");
    assert_eq!(response.to_string(), r#"{"data":{"a":1,"long":"xx","b":2}}"#);
    assert_eq!(response.loads().len(), 3);
    log.take();
    let refused = engine.execute_blocking("mutation { a: count must }").to_value();
    assert_eq!(refused["errors"][0]["extensions"]["code"], json!("ASYNC_LOADER"));
    assert_eq!(log.take(), [""; 0], "nothing ran");
}

#[tokio::test]
async fn the_bytes_of_all_fields_count_together() {
    let log = Log::default();
    let engine = Engine::builder(graph()).data(log.clone()).max_response_bytes(250).build().unwrap();
    let query = "mutation { a: long(bytes: 100) b: long(bytes: 100) c: count }";
    assert!(engine.execute(query).await.is_ok());
    let query = "mutation { a: long(bytes: 100) b: long(bytes: 100) fails c: long(bytes: 100) d: count }";
    for value in [engine.execute(query).await.to_value(), engine.execute(query).await.to_value()] {
        assert_eq!(value["data"], json!(null));
        assert_eq!(value["errors"].as_array().unwrap().len(), 1);
        assert_eq!(value["errors"][0]["extensions"]["code"], json!("RESPONSE_TOO_LARGE"));
    }
    assert_eq!(log.take(), ["count", "fails", "fails"]);
}

#[tokio::test]
async fn the_errors_of_all_fields_count_together() {
    let fields: String = (0..1_100).map(|at| format!("f{at}: fails ")).collect();
    let (engine, log) = engine();
    let value = engine.execute(format!("mutation {{ {fields} }}")).await.to_value();
    let errors = value["errors"].as_array().unwrap();
    assert_eq!((errors.len(), &errors[1000]["message"]), (1_001, &json!("100 more errors")));
    assert_eq!(log.take().len(), 1_100);
}

#[test]
fn the_plan_of_a_mutation_shows_all_its_fields() {
    let (engine, _) = engine();
    let plan = engine.explain("mutation { add(id: 1) { id } count }", Dialect::Sqlite).unwrap();
    assert_eq!(
        plan,
        "layer 0: Mutation\n  link add(1, 0) to one in layer 1: async Mutation.add\nlayer 1: Note needs id\nthen\n\
         layer 0: Mutation needs count\n  compute count of (): inline Mutation.count\n"
    );
}

#[test]
fn what_is_wrong_with_both_roots_comes_at_once() {
    #[node]
    struct Lone {
        #[key]
        id: i64,
    }
    #[root]
    struct Reads {
        #[link(by_key)]
        lone: Maybe<Lone>,
    }
    #[root(name = "Reads")]
    struct Writes {
        #[link(by_key)]
        other: Maybe<Lone>,
    }
    let problems = Graph::new::<Reads>().mutation::<Writes>().unwrap_err().problems;
    for part in
        ["`Reads.lone` leads to `Lone` by key", "`Reads.other` leads to `Lone` by key", "two nodes are named `Reads`"]
    {
        assert_eq!(problems.iter().filter(|problem| problem.contains(part)).count(), 1, "{part}: {problems:#?}");
    }
    let same = Graph::new::<Query>().mutation::<Query>().unwrap_err();
    assert_eq!(same.problems, ["`Query` is the root of queries and of mutations"]);
    assert!(Graph::new::<Query>().mutation::<Mutation>().mutation::<renamed::Mutation>().is_err());
}

#[tokio::test]
async fn an_engine_wants_the_data_of_mutations_too() {
    let graph = Graph::new::<renamed::Query>().mutation::<Mutation>().unwrap();
    assert!(graph.mutation().is_some() && Graph::new::<Query>().unwrap().mutation().is_none());
    assert!(Engine::builder(graph).build().unwrap_err().to_string().contains("Log"));
}

#[test]
fn graphs_by_hand_have_mutations() {
    let number = |number: i64| {
        LoaderRun::Pure(Arc::new(move |_| {
            let mut values = Column::new(i64::TYPE);
            number.write_to(&mut values);
            Ok(Answer::Column(Rows { values, ends: None, errors: Vec::new(), shared: true }))
        }))
    };
    let root = |name: &str, field: &str, value| {
        NodeBuilder::new(name).field(FieldBuilder::computed(field, i64::TYPE, &[], number(value)))
    };
    let graph = Graph::build_with_mutation(root("Query", "a", 1), root("Mutation", "b", 2), []).unwrap();
    let engine = Engine::builder(graph).build().unwrap();
    assert_eq!(engine.execute_blocking("mutation { b c: b }").to_string(), r#"{"data":{"b":2,"c":2}}"#);
    assert_eq!(engine.execute_blocking("{ a }").to_string(), r#"{"data":{"a":1}}"#);
    let link = LinkBuilder::new("again", "Mutation", Cardinality::Maybe).by_key();
    let stored = FieldBuilder::column("stored", String::TYPE);
    let mutation = root("Mutation", "b", 2).field(stored);
    let problems = Graph::build_with_mutation(root("Query", "a", 1), mutation.clone(), []).unwrap_err().problems;
    assert_eq!(problems, ["`Mutation.stored` is a stored field, but a root has no rows"]);
    let problems = Graph::build_with_mutation(root("Query", "a", 1).link(link), mutation, []).unwrap_err().problems;
    assert!(problems.iter().any(|problem| problem == "`Query.again` links to a root"), "{problems:#?}");
}

mod stored {
    use hiku::prelude::*;

    use super::super::databases::execute;

    #[node(table = "item")]
    pub struct Item {
        #[key]
        id: i64,
        name: String,
        #[field(hidden)]
        parent_id: Option<i64>,
        #[link(to = Item::parent_id, all)]
        parts: Many<Item>,
    }

    #[root]
    pub struct Query {
        #[link(all)]
        items: Many<Item>,
    }

    #[root]
    pub struct Mutation {
        #[link(by_key)]
        item: Maybe<Item>,
    }

    #[root]
    impl Mutation {
        #[link]
        async fn add(Data(db): Data<Db>, #[arg] id: i64, #[arg] parent: Option<i64>) -> One<Item> {
            let parent = parent.map_or("NULL".to_owned(), |parent| parent.to_string());
            execute(&db, &[&format!("INSERT INTO item (id, name, parent_id) VALUES ({id}, 'i{id}', {parent})")]).await;
            One::key(id)
        }
    }
}

#[tokio::test]
async fn each_field_reads_what_those_before_it_wrote_and_no_more() {
    on_each(|db| async move {
        hiku::sql::create_tables::<stored::Query>(&db).await.unwrap();
        execute(&db, &["INSERT INTO item (id, name) VALUES (1, 'i1')"]).await;
        let graph = Graph::new::<stored::Query>().mutation::<stored::Mutation>().unwrap();
        let engine = Engine::builder(graph).data(db).build().unwrap();
        let query = "mutation { a: item(id: 1) { parts { id } } b: add(id: 2, parent: 1) { name }
            c: item(id: 1) { parts { id name } } d: add(id: 3, parent: 1) { id parts { id } } e: item(id: 1) { parts { id } } }";
        let ran = run(&engine, query).await;
        ran.assert_json(json!({"data": {
            "a": {"parts": []},
            "b": {"name": "i2"},
            "c": {"parts": [{"id": "2", "name": "i2"}]},
            "d": {"id": "3", "parts": []},
            "e": {"parts": [{"id": "2"}, {"id": "3"}]},
        }}));
        assert!(ran.response.loads().iter().filter(|load| load.name == "Item").all(|load| load.statement.is_some()));
    })
    .await;
}
