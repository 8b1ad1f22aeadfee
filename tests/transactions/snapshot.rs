//! Queries that read all from one snapshot.

use std::sync::Arc;

use hiku::prelude::*;
use serde_json::{Value as Json, json};
use tokio::sync::Semaphore;
use tokio::time::timeout;

use super::support::{LONG, assert_none_lost, insert, names, on_each, on_each_of_many, polled, pools_of_one};

#[node(table = "m")]
struct Entry {
    #[key]
    text: String,
}

/// Whoever enters says so, and waits.
#[derive(Clone)]
struct Gate(Arc<(Semaphore, Semaphore)>);

#[node]
impl Entry {
    /// All entries, when the gate is open: a second statement of the same query.
    #[link]
    async fn later(Data(gate): Data<Gate>, Data(db): Data<Db>, text: &[&str]) -> Result<Vec<Many<Entry>>> {
        gate.0.0.add_permits(1);
        gate.0.1.acquire().await?.forget();
        let all = names(&db).await;
        Ok(text.iter().map(|_| Many::keys(all.clone())).collect())
    }

    #[field]
    async fn writes(Data(db): Data<Db>, text: &[&str]) -> Result<Vec<Option<i32>>> {
        db.execute("INSERT INTO m (text) VALUES ('written')").await?;
        Ok(text.iter().map(|_| None).collect())
    }
}

#[root]
struct Query {
    #[link(all)]
    entries: Many<Entry>,
    #[link]
    paged: Many<Entry>,
    #[link(by_key)]
    entry: Maybe<Entry>,
}

#[root]
struct Mutation {}

#[root]
impl Mutation {
    #[field]
    async fn add(Data(db): Data<Db>, #[arg] text: String) -> Result<bool> {
        db.execute_raw(format!("INSERT INTO m (text) VALUES ('{text}')")).await?;
        Ok(db.in_transaction())
    }
}

fn engine(db: &Db) -> (Engine, Gate) {
    let gate = Gate(Arc::new((Semaphore::new(0), Semaphore::new(0))));
    let graph = Graph::new::<Query>().mutation::<Mutation>().unwrap();
    (Engine::builder(graph).data(db.clone()).data(gate.clone()).build().unwrap(), gate)
}

/// Ask, and store something between the two statements of the query.
async fn with_a_commit_between(db: &Db, request: Request, stored: &str) -> Json {
    let (engine, gate) = engine(db);
    let asked = tokio::spawn(async move { engine.execute(request).await.to_value() });
    timeout(LONG, gate.0.0.acquire()).await.expect("the gate is reached").unwrap().forget();
    insert(db, stored).await.unwrap();
    gate.0.1.add_permits(1);
    timeout(LONG, asked).await.expect("a deadlock").unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn c51_a_commit_between_two_statements_is_not_seen() {
    on_each_of_many(|db| async move {
        insert(&db, "a").await.unwrap();
        const ASK: &str = "{ entries { text later { text } } }";
        let text = |names: &[&str]| names.iter().map(|name| json!({"text": name})).collect::<Vec<_>>();
        let seen = with_a_commit_between(&db, Request::new(ASK), "b").await;
        assert_eq!(seen, json!({"data": {"entries": [{"text": "a", "later": text(&["a", "b"])}]}}), "without");
        db.execute("DELETE FROM m WHERE text = 'b'").await.unwrap();
        let seen = with_a_commit_between(&db, Request::new(ASK).snapshot(), "b").await;
        assert_eq!(seen, json!({"data": {"entries": [{"text": "a", "later": text(&["a"])}]}}));
        // The next one sees it.
        let (engine, _) = engine(&db);
        let seen = engine.execute(Request::new("{ entries { text } }").snapshot()).await.to_value();
        assert_eq!(seen, json!({"data": {"entries": text(&["a", "b"])}}));
    })
    .await;
}

#[tokio::test]
async fn c51_a_query_from_a_snapshot_cannot_write() {
    on_each(|db| async move {
        insert(&db, "a").await.unwrap();
        let (engine, _) = engine(&db);
        let done = engine.execute(Request::new("{ entries { text writes } }").snapshot()).await.to_value();
        assert_eq!(done["data"], json!({"entries": [{"text": "a", "writes": null}]}));
        assert_eq!(done["errors"][0]["path"], json!(["entries", 0, "writes"]));
        // A mutation is what it always is.
        let done = engine.execute(Request::new("mutation { add(text: \"b\") }").snapshot()).await.to_value();
        assert_eq!(done, json!({"data": {"add": false}}));
        // Inside a transaction, a query sees what that sees.
        let done: Result<()> = db
            .atomic(|| async {
                insert(&db, "c").await.unwrap();
                let done = engine.execute(Request::new("{ entries { text } }").snapshot()).await.to_value();
                assert_eq!(done["data"]["entries"].as_array().unwrap().len(), 3);
                Ok(())
            })
            .await;
        done.unwrap();
    })
    .await;
}

#[tokio::test]
async fn c43_steps_that_run_at_once_take_turns_on_the_connection_of_the_snapshot() {
    for db in pools_of_one(LONG).await {
        for at in 0..10 {
            insert(&db, &format!("{at}")).await.unwrap();
        }
        let (engine, _) = engine(&db);
        const ASK: &str = "{ entries { text } paged(limit: 3) { text } a: entry(text: \"1\") { text } b: entry(text: \"7\") { text } }";
        let want = engine.execute(ASK).await.to_value();
        assert!(want.get("errors").is_none(), "{want}");
        let all = (0..20).map(|_| engine.execute(Request::new(ASK).snapshot()));
        let all = timeout(LONG, futures::future::join_all(all)).await.expect("a deadlock");
        for done in all {
            assert_eq!(done.to_value(), want);
        }
        for polls in 0..40 {
            let _ = polled(engine.execute(Request::new(ASK).snapshot()), polls).await;
        }
        assert_none_lost(&db).await;
        assert_eq!(engine.execute(Request::new(ASK).snapshot()).await.to_value(), want);
        db.close().await;
    }
}
