//! Mutations that say `transaction`: stored as a whole, or not at all.

use hiku::prelude::*;
use hiku::sql::Dialect;
use serde_json::json;

use super::databases::Folder;
use super::support::{LONG, names, on_each, on_each_of_many, polled, prepare};

#[node(table = "m")]
struct Entry {
    #[key]
    text: String,
}

#[node]
impl Entry {
    #[field]
    async fn inside(Data(db): Data<Db>, text: &[&str]) -> Vec<bool> {
        text.iter().map(|_| db.in_transaction()).collect()
    }

    #[field]
    async fn perhaps(text: &[&str]) -> Vec<Result<Option<i32>>> {
        text.iter().map(|_| Err(Error::new("perhaps not"))).collect()
    }

    #[field]
    async fn surely(text: &[&str]) -> Vec<Result<i32>> {
        text.iter().map(|_| Err(Error::new("surely not"))).collect()
    }

    /// A statement that fails.
    #[field]
    async fn wrong(Data(db): Data<Db>, text: &[&str]) -> Result<Vec<Option<i32>>> {
        db.execute("SELECT nothing FROM nowhere").await?;
        Ok(text.iter().map(|_| None).collect())
    }
}

#[root]
struct Query {
    #[link(all)]
    entries: Many<Entry>,
}

async fn add(db: &Db, text: &str) -> Result<()> {
    db.execute_raw(format!("INSERT INTO m (text) VALUES ('{text}')")).await?;
    Ok(())
}

struct Other(Db);

impl AsRef<Db> for Other {
    fn as_ref(&self) -> &Db {
        &self.0
    }
}

#[root]
struct Mutation {}

#[root]
impl Mutation {
    #[link(transaction)]
    async fn add(Data(db): Data<Db>, #[arg] text: String) -> Result<Maybe<Entry>> {
        add(&db, &text).await?;
        Ok(Maybe::key(text))
    }

    #[link(transaction)]
    async fn must(Data(db): Data<Db>, #[arg] text: String) -> Result<One<Entry>> {
        add(&db, &text).await?;
        Ok(One::key(text))
    }

    #[field(transaction)]
    async fn two(Data(db): Data<Db>, #[arg] one: String, #[arg] two: String) -> Result<Option<bool>> {
        add(&db, &one).await?;
        add(&db, &two).await?;
        Ok(Some(db.in_transaction()))
    }

    #[field(transaction)]
    async fn nothing(Data(db): Data<Db>) -> Result<Option<i32>> {
        add(&db, "nothing").await?;
        Ok(None)
    }

    #[field(transaction)]
    async fn swallows(Data(db): Data<Db>) -> Result<Option<i32>> {
        add(&db, "swallowed").await?;
        let _ = add(&db, "swallowed").await;
        Ok(Some(1))
    }

    #[field(transaction)]
    async fn panics(Data(db): Data<Db>) -> Result<Option<i32>> {
        add(&db, "panicked").await?;
        panic!("boom")
    }

    #[field(transaction = Other)]
    async fn elsewhere(Data(db): Data<Db>, Data(other): Data<std::sync::Arc<Other>>) -> Result<Option<bool>> {
        add(&other.0, "elsewhere").await?;
        if db.in_transaction() || !other.0.in_transaction() {
            return Ok(Some(false));
        }
        Err(Error::new("no"))
    }

    #[field]
    async fn outside(Data(db): Data<Db>, #[arg] text: String) -> Result<Option<bool>> {
        add(&db, &text).await?;
        Ok(Some(db.in_transaction()))
    }
}

fn engine(db: &Db) -> Engine {
    let graph = Graph::new::<Query>().mutation::<Mutation>().unwrap();
    let other = || Other(db.clone());
    Engine::builder(graph).data(db.clone()).data(other()).data(std::sync::Arc::new(other())).build().unwrap()
}

#[tokio::test]
async fn c38_a_mutation_is_stored_as_a_whole_or_not_at_all() {
    on_each(|db| async move {
        let engine = engine(&db);
        let done = engine.execute("mutation { add(text: \"a\") { text inside } }").await.to_value();
        assert_eq!(done, json!({"data": {"add": {"text": "a", "inside": true}}}));
        // The second statement fails, and takes the first one with it; the mutations beside it are not touched.
        let done = engine
            .execute(
                "mutation { a: two(one: \"b\", two: \"c\") b: two(one: \"d\", two: \"a\") c: outside(text: \"e\") }",
            )
            .await
            .to_value();
        assert_eq!(done["data"], json!({"a": true, "b": null, "c": false}));
        assert_eq!(done["errors"][0]["path"], json!(["b"]));
        assert_eq!(names(&db).await, ["a", "b", "c", "e"]);
        // Null without an error is an answer like any other.
        let done = engine.execute("mutation { nothing }").await.to_value();
        assert_eq!(done, json!({"data": {"nothing": null}}));
        let done = engine.execute("mutation { panics }").await.to_value();
        assert_eq!(done["data"], json!({"panics": null}));
        assert_eq!(names(&db).await, ["a", "b", "c", "e", "nothing"]);
    })
    .await;
}

#[tokio::test]
async fn c38_errors_below_undo_a_mutation_if_they_make_it_null() {
    on_each(|db| async move {
        let engine = engine(&db);
        // Null has a place below: the client sees the entry, so it is stored.
        let done = engine.execute("mutation { add(text: \"a\") { text perhaps } }").await.to_value();
        assert_eq!(done["data"], json!({"add": {"text": "a", "perhaps": null}}));
        assert_eq!(done["errors"][0]["path"], json!(["add", "perhaps"]));
        let done =
            engine.execute("mutation { add(text: \"b\") { text surely } outside(text: \"c\") }").await.to_value();
        assert_eq!(done["data"], json!({"add": null, "outside": false}));
        assert_eq!(done["errors"][0]["path"], json!(["add", "surely"]));
        // All the way up: no data, and what would come after does not run.
        let done = engine.execute("mutation { must(text: \"d\") { surely } outside(text: \"e\") }").await.to_value();
        assert_eq!(done["data"], json!(null));
        assert_eq!(names(&db).await, ["a", "c"]);
    })
    .await;
}

#[tokio::test]
async fn c33_a_mutation_whose_transaction_was_aborted_is_an_error() {
    on_each(|db| async move {
        let engine = engine(&db);
        let aborts = db.dialect() == Dialect::Postgres;
        let done = engine.execute("mutation { swallows outside(text: \"x\") }").await.to_value();
        assert_eq!(done["data"]["outside"], json!(false));
        assert_eq!(done["data"]["swallows"], if aborts { json!(null) } else { json!(1) });
        assert_eq!(done.get("errors").is_some(), aborts, "{done}");
        let stored: &[&str] = if aborts { &["x"] } else { &["swallowed", "x"] };
        assert_eq!(names(&db).await, stored);
        // A statement below that fails: nothing is claimed that is not stored.
        let done = engine.execute("mutation { add(text: \"y\") { text wrong } }").await.to_value();
        let entry = if aborts { json!(null) } else { json!({"text": "y", "wrong": null}) };
        assert_eq!(done["data"], json!({ "add": entry }));
        assert_eq!(done["errors"].as_array().unwrap().len(), 1);
        assert_eq!(names(&db).await.contains(&"y".to_owned()), !aborts);
    })
    .await;
}

#[tokio::test]
async fn c39_a_mutation_inside_a_transaction_is_a_savepoint() {
    on_each(|db| async move {
        let engine = engine(&db);
        let done: Result<()> = db
            .atomic(|| async {
                let done = engine.execute("mutation { a: outside(text: \"a\") two(one: \"b\", two: \"a\") }").await;
                assert_eq!(done.to_value()["data"], json!({"a": true, "two": null}));
                assert_eq!(names(&db).await, ["a"]);
                Ok(())
            })
            .await;
        done.unwrap();
        assert_eq!(names(&db).await, ["a"]);
    })
    .await;
}

#[tokio::test]
async fn c47_a_mutation_names_its_database() {
    on_each(|db| async move {
        // Two handles of one pool are the same database; here they are of two.
        let folder = Folder::new();
        let other = Db::connect(&folder.sqlite()).await.unwrap();
        prepare(&other).await;
        let graph = Graph::new::<Query>().mutation::<Mutation>().unwrap();
        let of = || Other(other.clone());
        let engine =
            Engine::builder(graph).data(db.clone()).data(of()).data(std::sync::Arc::new(of())).build().unwrap();
        let done = engine.execute("mutation { elsewhere }").await.to_value();
        assert_eq!(done["errors"][0]["message"], json!("no"), "{done}");
        assert!(names(&other).await.is_empty());
        other.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn c44_a_mutation_can_be_dropped_at_any_point() {
    on_each(|db| async move {
        let engine = engine(&db);
        for round in 0..100 {
            let text = format!("mutation {{ two(one: \"a{round}\", two: \"b{round}\") }}");
            let _ = polled(engine.execute(text), round % 25).await;
        }
        assert_eq!(names(&db).await.len() % 2, 0);
    })
    .await;
}

#[tokio::test]
async fn c49_mutations_need_one_connection_each() {
    for db in super::support::pools_of_one(LONG).await {
        let engine = engine(&db);
        let all = (0..20).map(|at| {
            let engine = engine.clone();
            async move {
                let text = format!(
                    "mutation {{ a: add(text: \"a{at}\") {{ text inside }} b: outside(text: \"b{at}\") c: must(text: \"c{at}\") {{ text }} }}"
                );
                let done = engine.execute(text).await.to_value();
                assert!(done.get("errors").is_none(), "{done}");
            }
        });
        tokio::time::timeout(LONG, futures::future::join_all(all)).await.expect("a deadlock");
        assert_eq!(names(&db).await.len(), 60);
        db.close().await;
    }
}

#[tokio::test]
async fn c38_others_see_a_mutation_when_it_is_done() {
    on_each_of_many(|db| async move {
        let engine = engine(&db);
        let done = engine.execute("mutation { must(text: \"a\") { text } }").await.to_value();
        assert_eq!(done, json!({"data": {"must": {"text": "a"}}}));
        let seen = tokio::spawn({
            let db = db.clone();
            async move { names(&db).await }
        });
        assert_eq!(seen.await.unwrap(), ["a"]);
    })
    .await;
}

/// A query changes nothing.
#[test]
fn c38_a_transaction_of_a_query_is_refused_when_the_graph_is_made() {
    #[root]
    struct Queries {}

    #[root]
    impl Queries {
        #[field(transaction)]
        async fn answer() -> i32 {
            42
        }
    }

    let error = Graph::new::<Queries>().unwrap_err();
    assert_eq!(
        error.problems,
        ["`Queries.answer` says `transaction`, which only members of the root of mutations can"]
    );

    #[root]
    struct Changes {}

    #[root]
    impl Changes {
        #[field(transaction)]
        async fn change() -> i32 {
            42
        }
    }

    let graph = Graph::new::<Query>().mutation::<Changes>().unwrap();
    let error = Engine::builder(graph).build().unwrap_err();
    assert!(error.problems.iter().any(|problem| problem.starts_with("the transaction of `Changes.change` needs `")));
}
