use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use hiku::prelude::*;
use hiku::testing::run;
use serde_json::json;

use super::databases::{execute, on_each};

#[derive(Clone, Default)]
struct Fans(Arc<AtomicUsize>);

#[derive(Clone)]
struct Viewer(&'static str);

#[node(table = "person")]
struct Person {
    #[key]
    id: i64,
    name: String,
    nick: Option<String>,
    score: f64,
}

#[node]
impl Person {
    /// Per row.
    #[field]
    fn initials(name: &str, nick: Option<&str>) -> String {
        let first = |text: &str| text.chars().next().unwrap_or('?');
        format!("{}{}", first(name), nick.map_or('-', first))
    }

    /// Per row, with an argument.
    #[field]
    fn shout(name: &str, #[arg(default = 1)] times: i32) -> Option<String> {
        (times > 0).then(|| name.to_uppercase().repeat(times as usize))
    }

    /// Of another computed field.
    #[field]
    fn double_initials(initials: &str) -> String {
        format!("{initials}{initials}")
    }

    /// Per batch, with data of the process.
    #[field]
    async fn fans(Data(fans): Data<Fans>, id: &[i64]) -> Result<HashMap<i64, i32>> {
        fans.0.fetch_add(1, Ordering::Relaxed);
        Ok(id.iter().map(|&id| (id, id as i32 * 10)).collect())
    }

    /// Blocking, positional, over several fields.
    #[field]
    fn rank(score: &[f64], name: &[&str]) -> Vec<String> {
        score.iter().zip(name).map(|(score, name)| format!("{name}:{score}")).collect()
    }

    /// By a key that repeats: asked once per value.
    #[field]
    async fn namesakes(context: &Context, name: &[&str]) -> Result<HashMap<String, i32>> {
        assert!(context.get::<Fans>().is_some());
        let mut seen = std::collections::HashSet::new();
        assert!(name.iter().all(|name| seen.insert(*name)), "each name once");
        Ok(name.iter().map(|&name| (name.to_owned(), name.len() as i32)).collect())
    }

    /// With data of the request, for all at once.
    #[field]
    async fn viewer(Data(viewer): Data<Viewer>) -> String {
        viewer.0.to_owned()
    }

    /// Lists of lists.
    #[field]
    fn grid(id: &[i64]) -> Vec<Vec<Vec<Option<i64>>>> {
        id.iter().map(|&id| vec![vec![Some(id), None], vec![]]).collect()
    }
}

#[root]
struct Query {
    #[link(all)]
    people: Many<Person>,
}

#[root]
impl Query {
    /// A field of the root.
    #[field]
    async fn greeting(#[arg(default = "world")] whom: String, #[arg] loud: Option<bool>) -> Result<String> {
        Ok(format!("hello {whom}{}", if loud == Some(true) { "!" } else { "" }))
    }

    #[field]
    fn answer() -> i32 {
        42
    }

    #[field]
    fn sum(#[arg] of: Vec<i64>) -> i64 {
        of.iter().sum()
    }
}

async fn engine(db: Db) -> Engine {
    hiku::sql::create_tables::<Query>(&db).await.unwrap();
    let rows = "INSERT INTO person (id, name, nick, score) VALUES (1, 'Ann', 'Zed', 1.5), (2, 'Bob', NULL, 2), (3, 'Ann', NULL, 0.25)";
    execute(&db, &[rows]).await;
    let graph = Graph::new::<Query>().unwrap();
    Engine::builder(graph).data(db).data(Fans::default()).request_data::<Viewer>().build().unwrap()
}

fn ask(query: &str) -> Request {
    Request::new(query).data(Viewer("kirk"))
}

#[tokio::test]
async fn fields_are_computed_per_row_and_per_batch() {
    on_each(|db| async move {
        let engine = engine(db).await;
        let query = "{ people { initials doubleInitials fans rank namesakes viewer grid } }";
        let ran = run(&engine, ask(query)).await;
        ran.assert_json(json!({"data": {"people": [
            {"initials": "AZ", "doubleInitials": "AZAZ", "fans": 10, "rank": "Ann:1.5", "namesakes": 3, "viewer": "kirk", "grid": [[1, null], []]},
            {"initials": "B-", "doubleInitials": "B-B-", "fans": 20, "rank": "Bob:2", "namesakes": 3, "viewer": "kirk", "grid": [[2, null], []]},
            {"initials": "A-", "doubleInitials": "A-A-", "fans": 30, "rank": "Ann:0.25", "namesakes": 3, "viewer": "kirk", "grid": [[3, null], []]},
        ]}}));
        // Fields that only compute are no loads; a key that repeats is sent once.
        ran.assert_loads(["Person", "Person.fans[3]", "Person.rank[3]", "Person.namesakes[2]", "Person.viewer", "Person.grid[3]"]);
    })
    .await;
}

#[tokio::test]
async fn arguments_have_defaults_and_tell_fields_apart() {
    on_each(|db| async move {
        let engine = engine(db).await;
        let ran =
            run(&engine, ask("{ people { shout one: shout(times: 1) two: shout(times: 2) none: shout(times: 0) } }"))
                .await;
        assert_eq!(
            ran.response.to_value()["data"]["people"][1],
            json!({"shout": "BOB", "one": "BOB", "two": "BOBBOB", "none": null})
        );
        let ran = run(
            &engine,
            ask("{ greeting a: greeting(whom: \"Jim\", loud: true) answer sum(of: [1, 2, 3]) one: sum(of: 7) }"),
        )
        .await;
        ran.assert_json(
            json!({"data": {"greeting": "hello world", "a": "hello Jim!", "answer": 42, "sum": 6, "one": 7}}),
        );
    })
    .await;
}

#[tokio::test]
async fn a_request_without_declared_data_is_refused_before_any_load() {
    on_each(|db| async move {
        let engine = engine(db).await;
        let ran = run(&engine, "{ people { name } }").await;
        ran.assert_json(json!({"errors": [{"message": "the request is not complete", "extensions": {"code": "INCOMPLETE_REQUEST"}}]}));
        ran.assert_loads([]);
    })
    .await;
}

#[tokio::test]
async fn an_engine_without_its_data_is_not_built() {
    let problems = Engine::builder(Graph::new::<Query>().unwrap()).build().unwrap_err().problems;
    let named = |name: &str| problems.iter().filter(|problem| problem.contains(name)).count();
    assert_eq!((named("Fans"), named("Viewer"), named("Db")), (1, 1, 1), "{problems:#?}");
    assert!(problems[0].contains(".data(..)"));
}
