//! Connections: requests that are dropped, many at once over few connections, files and pools of users.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use futures::future::join_all;
use hiku::prelude::*;
use hiku::sqlx::postgres::PgPoolOptions;
use hiku::sqlx::sqlite::SqlitePoolOptions;
use serde_json::{Value as Json, json};
use tokio::time::timeout;

use super::databases::{Folder, execute, mariadb_url, one_connection, postgres, postgres_url, sqlite};
use super::fixture::{Actor, Character, Movie, ROWS};

const LONG: Duration = Duration::from_secs(20);

#[root]
struct Query {
    #[link(all)]
    characters: Many<Character>,
    #[link(all)]
    actors: Many<Actor>,
    #[link]
    movies: Many<Movie>,
    #[link(by_key)]
    character: Maybe<Character>,
}

#[root]
impl Query {
    /// Takes a connection itself, and holds it over two statements.
    #[link]
    async fn by_hand(Data(db): Data<Db>) -> Result<Many<Character>> {
        let ids: Vec<i64> = if let Some(pool) = db.sqlite() {
            let mut connection = pool.acquire().await?;
            hiku::sqlx::query("SELECT 1").execute(&mut *connection).await?;
            hiku::sqlx::query_scalar("SELECT id FROM \"character\" ORDER BY id").fetch_all(&mut *connection).await?
        } else if let Some(pool) = db.postgres() {
            let mut connection = pool.acquire().await?;
            hiku::sqlx::query("SELECT 1").execute(&mut *connection).await?;
            hiku::sqlx::query_scalar("SELECT id FROM \"character\" ORDER BY id").fetch_all(&mut *connection).await?
        } else if let Some(pool) = db.mysql() {
            let mut connection = pool.acquire().await?;
            hiku::sqlx::query("SELECT 1").execute(&mut *connection).await?;
            hiku::sqlx::query_scalar("SELECT id FROM `character` ORDER BY id").fetch_all(&mut *connection).await?
        } else {
            return Err(Error::new("no pool"));
        };
        Ok(Many::keys(ids))
    }
}

const ASK: &str = "{ byHand { name actors { name movies { title } } } characters { actors { character { name } } }
                     movies { title } more: movies(limit: 1) { id } character(id: 2) { name } actors { movies { year } } }";

async fn prepare(db: &Db) -> Engine {
    hiku::sql::create_tables::<super::fixture::Query>(db).await.unwrap();
    execute(db, &ROWS).await;
    Engine::builder(Graph::new::<Query>().unwrap()).data(db.clone()).build().unwrap()
}

fn assert_answers(value: &Json) {
    assert!(value.get("errors").is_none(), "{value}");
    assert_eq!(value["data"]["byHand"][1]["actors"][0]["movies"][0]["title"], json!("Star Trek"));
    assert_eq!(value["data"]["characters"][2]["actors"][1]["character"]["name"], json!("Leonard McCoy"));
}

/// Every connection that the pool can have can be had at once, and none is in a transaction.
async fn assert_none_lost(db: &Db) {
    if let Some(pool) = db.sqlite() {
        let mut held = Vec::new();
        for _ in 0..pool.options().get_max_connections() {
            let mut connection = timeout(LONG, pool.acquire()).await.expect("a connection is lost").unwrap();
            // Refused inside a transaction.
            hiku::sqlx::raw_sql("BEGIN IMMEDIATE; ROLLBACK").execute(&mut *connection).await.unwrap();
            held.push(connection);
        }
    }
    if let Some(pool) = db.postgres() {
        let mut held = Vec::new();
        for _ in 0..pool.options().get_max_connections() {
            let mut connection = timeout(LONG, pool.acquire()).await.expect("a connection is lost").unwrap();
            // The time stands still inside a transaction.
            let mut times = Vec::new();
            for _ in 0..2 {
                let time: String =
                    hiku::sqlx::query_scalar("SELECT now()::text").fetch_one(&mut *connection).await.unwrap();
                times.push(time);
            }
            assert_ne!(times[0], times[1], "a transaction was left open");
            held.push(connection);
        }
    }
    if let Some(pool) = db.mysql() {
        let mut held = Vec::new();
        for _ in 0..pool.options().get_max_connections() {
            let mut connection = timeout(LONG, pool.acquire()).await.expect("a connection is lost").unwrap();
            let open: u64 =
                hiku::sqlx::query_scalar("SELECT @@in_transaction").fetch_one(&mut *connection).await.unwrap();
            assert_eq!(open, 0, "a transaction was left open");
            held.push(connection);
        }
    }
}

/// Poll a future so many times; its result, if it had one by then.
async fn polled<T>(future: impl Future<Output = T>, times: usize) -> Option<T> {
    let mut future = pin!(future);
    let mut left = times;
    poll_fn(move |context| {
        if left == 0 {
            return Poll::Ready(None);
        }
        left -= 1;
        future.as_mut().poll(context).map(Some)
    })
    .await
}

async fn drop_requests(db: Db) {
    let engine = prepare(&db).await;
    let mut whole = 0;
    for round in 0..200 {
        if let Some(response) = polled(engine.execute(ASK), round % 25).await {
            assert_answers(&response.to_value());
            whole += 1;
        }
    }
    assert!(whole < 200, "some were dropped");
    assert_answers(&engine.execute(ASK).await.to_value());
    assert_none_lost(&db).await;
    assert_answers(&engine.execute(ASK).await.to_value());
}

#[tokio::test]
async fn requests_can_be_dropped_at_any_point_on_sqlite_in_memory() {
    timeout(LONG * 3, drop_requests(sqlite().await)).await.unwrap();
}

#[tokio::test]
async fn requests_can_be_dropped_at_any_point_on_a_file_of_sqlite() {
    let folder = Folder::new();
    let db = Db::connect(&folder.sqlite()).await.unwrap();
    timeout(LONG * 3, drop_requests(db.clone())).await.unwrap();
    db.close().await;
}

#[tokio::test]
async fn requests_can_be_dropped_at_any_point_on_a_pool_of_the_user() {
    let db = one_connection("sqlite::memory:".parse().unwrap()).await;
    timeout(LONG * 3, drop_requests(db)).await.unwrap();
}

#[tokio::test]
async fn requests_can_be_dropped_at_any_point_on_postgres() {
    let Some(db) = postgres().await else { return };
    timeout(LONG * 3, drop_requests(db)).await.unwrap();
}

#[tokio::test]
async fn requests_can_be_dropped_at_any_point_on_mariadb() {
    let Some(url) = mariadb_url().await else { return };
    // sqlx's futures are not to be dropped, so its own are left out. What is left can be dropped on one connection, too.
    for connections in [10, 1] {
        let db = Db::builder(&url).max(connections).connect().await.unwrap();
        hiku::sql::drop_tables::<super::fixture::Query>(&db).await.unwrap();
        let engine = prepare(&db).await;
        let ask = ASK.replace("byHand", "byHand: characters");
        let work = async {
            let mut whole = 0;
            for round in 0..200 {
                if let Some(response) = polled(engine.execute(ask.as_str()), round % 25).await {
                    assert_answers(&response.to_value());
                    whole += 1;
                }
            }
            assert!(whole < 200, "some were dropped");
            assert_answers(&engine.execute(ASK).await.to_value());
            assert_none_lost(&db).await;
        };
        timeout(LONG * 3, work).await.unwrap();
        db.close().await;
    }
}

async fn fifty_at_once(db: Db) {
    let engine = prepare(&db).await;
    let all = join_all((0..50).map(|_| engine.execute(ASK)));
    for response in timeout(LONG, all).await.expect("a deadlock") {
        assert_answers(&response.to_value());
    }
    // Also when they run in tasks of their own.
    let tasks: Vec<_> = (0..50)
        .map(|_| {
            let engine = engine.clone();
            tokio::spawn(async move { engine.execute(ASK).await })
        })
        .collect();
    for response in timeout(LONG, join_all(tasks)).await.expect("a deadlock") {
        assert_answers(&response.unwrap().to_value());
    }
    assert_none_lost(&db).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fifty_requests_share_one_or_two_connections_of_sqlite() {
    for connections in [1, 2] {
        let folder = Folder::new();
        let options: hiku::sqlx::sqlite::SqliteConnectOptions = folder.sqlite().parse().unwrap();
        let pool = SqlitePoolOptions::new()
            .max_connections(connections)
            .connect_with(options.create_if_missing(true))
            .await
            .unwrap();
        let db = Db::from(pool);
        fifty_at_once(db.clone()).await;
        db.close().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fifty_requests_share_one_or_two_connections_of_postgres() {
    for connections in [1, 2] {
        let Some((url, _)) = postgres_url().await else { return };
        let pool = PgPoolOptions::new().max_connections(connections).connect(&url).await.unwrap();
        fifty_at_once(Db::from(pool)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fifty_requests_share_one_or_two_connections_of_mariadb() {
    for connections in [1, 2] {
        let Some(url) = mariadb_url().await else { return };
        fifty_at_once(Db::builder(&url).max(connections).connect().await.unwrap()).await;
    }
}

#[tokio::test]
async fn a_file_of_sqlite_is_made_with_a_write_ahead_log_and_kept() {
    let folder = Folder::new();
    let db = Db::connect(&folder.sqlite()).await.unwrap();
    let engine = prepare(&db).await;
    let mode: String = hiku::sqlx::query_scalar("PRAGMA journal_mode").fetch_one(db.sqlite().unwrap()).await.unwrap();
    assert_eq!(mode, "wal");
    assert_answers(&engine.execute(ASK).await.to_value());
    // A writer that is not done does not keep readers waiting.
    let mut writer = db.sqlite().unwrap().begin().await.unwrap();
    hiku::sqlx::query("UPDATE \"character\" SET name = 'someone'").execute(&mut *writer).await.unwrap();
    assert_answers(&timeout(LONG, engine.execute(ASK)).await.unwrap().to_value());
    writer.rollback().await.unwrap();
    db.close().await;
    let value = engine.execute(ASK).await.to_value();
    assert!(value["errors"][0]["message"].as_str().unwrap().starts_with("internal error"), "{value}");
    // Another process, or another pool.
    let db = Db::connect(&folder.sqlite()).await.unwrap();
    let engine = Engine::builder(Graph::new::<Query>().unwrap()).data(db.clone()).build().unwrap();
    assert_answers(&engine.execute(ASK).await.to_value());
    db.close().await;
}

/// The database of reports.
#[derive(Clone)]
struct Reports(Db);

impl AsRef<Db> for Reports {
    fn as_ref(&self) -> &Db {
        &self.0
    }
}

#[node(table = "here")]
struct Here {
    #[key]
    id: i64,
    #[link(from = id)]
    there: Maybe<There>,
}

#[node(table = "there", db = Reports)]
struct There {
    #[key]
    id: i64,
    name: String,
    #[link(from = id)]
    here: Maybe<Here>,
}

#[root]
struct Both {
    #[link(all)]
    here: Many<Here>,
    #[link(all)]
    there: Many<There>,
}

async fn two_databases(here: Db, there: Db) {
    execute(&here, &["CREATE TABLE here (id BIGINT PRIMARY KEY)", "INSERT INTO here VALUES (1), (2)"]).await;
    let rows = "INSERT INTO there VALUES (1, 'one'), (3, 'three')";
    execute(&there, &["CREATE TABLE there (id BIGINT PRIMARY KEY, name TEXT NOT NULL)", rows]).await;
    let graph = Graph::new::<Both>().unwrap();
    let engine = Engine::builder(graph).data(here.clone()).data(Reports(there.clone())).build().unwrap();
    // One starts here and goes there, the other the other way round.
    let ask = ["{ here { id there { name here { id } } } }", "{ there { name here { id there { name } } } }"];
    let answers = [
        json!({"here": [{"id": "1", "there": {"name": "one", "here": {"id": "1"}}}, {"id": "2", "there": null}]}),
        json!({"there": [{"name": "one", "here": {"id": "1", "there": {"name": "one"}}}, {"name": "three", "here": null}]}),
    ];
    let all = join_all((0..50).map(|at| engine.execute(ask[at % 2])));
    for (at, response) in timeout(LONG, all).await.expect("a deadlock").into_iter().enumerate() {
        assert_eq!(response.to_value(), json!({"data": answers[at % 2]}));
    }
    assert_none_lost(&here).await;
    assert_none_lost(&there).await;
}

#[tokio::test]
async fn requests_over_two_databases_do_not_wait_for_each_other() {
    two_databases(sqlite().await, sqlite().await).await;
    let (Some((here, _)), Some((there, _))) = (postgres_url().await, postgres_url().await) else { return };
    let one = |url: String| async move { PgPoolOptions::new().max_connections(1).connect(&url).await.unwrap() };
    two_databases(sqlite().await, Db::from(one(there.clone()).await)).await;
    let (here, there) = (one(here).await, one(postgres_url().await.unwrap().0).await);
    two_databases(Db::from(here), Db::from(there)).await;
    let (Some(here), Some(there)) = (mariadb_url().await, mariadb_url().await) else { return };
    let one = |url: String| async move { Db::builder(&url).max(1).connect().await.unwrap() };
    two_databases(one(here).await, one(there).await).await;
}
