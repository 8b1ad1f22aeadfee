//! How SQLite is run: in place while it is short, on other threads when it is not; stopped with its request; waiting for
//! writers; through pools of users.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use futures::future::join_all;
use hiku::prelude::*;
use hiku::sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions};
use serde_json::json;
use tokio::time::{sleep, timeout};

use super::databases::{Folder, execute, one_connection, sqlite};

const LONG: Duration = Duration::from_secs(20);

/// Takes minutes.
#[node(
    table = "endless",
    view = "WITH RECURSIVE c (id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM c LIMIT 3000000000) SELECT max(id) AS id FROM c"
)]
struct Endless {
    #[key]
    id: i64,
}

/// Takes some hundreds of milliseconds, longer than may pass in place.
#[node(
    table = "slow",
    view = "WITH RECURSIVE c (id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM c LIMIT 500000) SELECT max(id) AS id FROM c"
)]
struct Slow {
    #[key]
    id: i64,
}

#[node(table = "thing", order = "name")]
struct Thing {
    #[key]
    id: i64,
    name: String,
}

#[root]
struct Query {
    #[link(all)]
    endless: Many<Endless>,
    #[link(all)]
    slow: Many<Slow>,
    #[link(all)]
    things: Many<Thing>,
}

const TABLE: &str = "CREATE TABLE thing (id INTEGER PRIMARY KEY, name TEXT NOT NULL, of INTEGER REFERENCES thing (id))";
const ROWS: &str = "INSERT INTO thing VALUES (1, 'a', NULL), (2, 'b', NULL)";

fn engine(db: &Db) -> Engine {
    Engine::builder(Graph::new::<Query>().unwrap()).data(db.clone()).build().unwrap()
}

async fn filled(db: Db) -> (Db, Engine) {
    execute(&db, &[TABLE, ROWS]).await;
    let engine = engine(&db);
    (db, engine)
}

async fn assert_answers(engine: &Engine) {
    let value = timeout(LONG, engine.execute("{ things { name } }")).await.unwrap().to_value();
    assert_eq!(value, json!({"data": {"things": [{"name": "a"}, {"name": "b"}]}}));
}

/// More of them than there are connections, again and again; then everything is there at once.
async fn drop_long_ones(db: Db) {
    let (db, engine) = filled(db).await;
    for _ in 0..3 {
        let all = join_all((0..15).map(|_| engine.execute("{ endless { id } things { name } }")));
        assert!(timeout(Duration::from_millis(60), all).await.is_err());
    }
    let dropped = Instant::now();
    assert_answers(&engine).await;
    // Closing waits for every connection in use.
    timeout(LONG, db.close()).await.unwrap();
    let took = dropped.elapsed();
    assert!(took < Duration::from_secs(5), "what nobody waits for went on for {took:?}");
}

#[tokio::test]
async fn a_long_statement_stops_with_its_request() {
    drop_long_ones(sqlite().await).await;
    let folder = Folder::new();
    drop_long_ones(Db::connect(&folder.sqlite()).await.unwrap()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_long_statement_over_a_pool_of_the_user_stops_with_its_request() {
    drop_long_ones(one_connection("sqlite::memory:".parse().unwrap()).await).await;
}

#[tokio::test]
async fn a_long_statement_leaves_the_runtime_to_others() {
    for db in [sqlite().await, one_connection("sqlite::memory:".parse().unwrap()).await] {
        let (_, engine) = filled(db).await;
        let ticks = AtomicU32::new(0);
        let ticking = async {
            loop {
                sleep(Duration::from_millis(5)).await;
                ticks.fetch_add(1, Ordering::Relaxed);
            }
        };
        tokio::select! {
            response = engine.execute("{ slow { id } }") => {
                assert_eq!(response.to_value(), json!({"data": {"slow": [{"id": "500000"}]}}));
            }
            () = ticking => {}
        }
        assert!(ticks.load(Ordering::Relaxed) >= 2, "nothing else ran");
    }
}

/// A writer that keeps everybody out; whoever reads waits for it without holding up the thread that both run on.
async fn wait_for_a_writer(db: Db, writers: Db) {
    let engine = engine(&db);
    assert_answers(&engine).await;
    let mut writer = writers.sqlite().unwrap().acquire().await.unwrap();
    hiku::sqlx::raw_sql("BEGIN EXCLUSIVE; UPDATE thing SET name = 'x' || name").execute(&mut *writer).await.unwrap();
    let started = Instant::now();
    let write = async {
        sleep(Duration::from_millis(200)).await;
        hiku::sqlx::raw_sql("ROLLBACK").execute(&mut *writer).await.unwrap();
    };
    tokio::join!(assert_answers(&engine), write);
    let took = started.elapsed();
    assert!(took >= Duration::from_millis(200) && took < Duration::from_millis(4_500), "{took:?}");
    // Whoever gives up while it waits leaves nothing behind.
    hiku::sqlx::raw_sql("BEGIN EXCLUSIVE").execute(&mut *writer).await.unwrap();
    let all = join_all((0..20).map(|_| engine.execute("{ things { name } }")));
    assert!(timeout(Duration::from_millis(50), all).await.is_err());
    hiku::sqlx::raw_sql("ROLLBACK").execute(&mut *writer).await.unwrap();
    assert_answers(&engine).await;
}

#[tokio::test]
async fn readers_wait_for_writers() {
    let (db, _) = filled(sqlite().await).await;
    wait_for_a_writer(db.clone(), db).await;
    // A file with a rollback journal: one writer keeps out all readers.
    let folder = Folder::new();
    let options: SqliteConnectOptions = folder.sqlite().parse().unwrap();
    let options = options.create_if_missing(true).journal_mode(SqliteJournalMode::Delete);
    let (writers, _) = filled(one_connection(options).await).await;
    let db = Db::connect(&format!("{}?mode=ro", folder.sqlite())).await.unwrap();
    wait_for_a_writer(db.clone(), writers.clone()).await;
    assert!(db.execute("DELETE FROM thing").await.is_err(), "it was opened to read");
    db.close().await;
    // The same through pools of the user, also where connections share a cache.
    let options: SqliteConnectOptions = folder.sqlite().parse().unwrap();
    let db = one_connection(options).await;
    wait_for_a_writer(db.clone(), writers.clone()).await;
    db.close().await;
    let pool = SqlitePoolOptions::new().max_connections(2).min_connections(2).test_before_acquire(false);
    let db = Db::from(pool.connect("sqlite::memory:").await.unwrap());
    let (db, _) = filled(db).await;
    wait_for_a_writer(db.clone(), db).await;
    writers.close().await;
}

#[tokio::test]
async fn a_writer_that_is_never_done_is_an_error_in_the_end() {
    let (db, engine) = filled(sqlite().await).await;
    let mut writer = db.sqlite().unwrap().acquire().await.unwrap();
    hiku::sqlx::raw_sql("BEGIN EXCLUSIVE").execute(&mut *writer).await.unwrap();
    let started = Instant::now();
    let response = timeout(LONG, engine.execute("{ things { name } }")).await.unwrap();
    assert!(!response.is_ok());
    assert!(started.elapsed() >= Duration::from_secs(5));
    hiku::sqlx::raw_sql("ROLLBACK").execute(&mut *writer).await.unwrap();
    assert_answers(&engine).await;
}

#[tokio::test]
async fn closing_waits_for_what_runs_and_nothing_starts_after() {
    for db in [sqlite().await, one_connection("sqlite::memory:".parse().unwrap()).await] {
        let (db, engine) = filled(db).await;
        let close = async {
            sleep(Duration::from_millis(20)).await;
            db.close().await;
        };
        let (response, ()) = tokio::join!(engine.execute("{ slow { id } }"), close);
        assert!(response.is_ok(), "{response}");
        assert!(!engine.execute("{ things { name } }").await.is_ok());
        assert!(db.execute("DELETE FROM thing").await.is_err());
        db.close().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_at_once_share_the_connections() {
    let folder = Folder::new();
    for db in [sqlite().await, Db::connect(&folder.sqlite()).await.unwrap()] {
        let (db, engine) = filled(db).await;
        let tasks = (0..60).map(|at| {
            let engine = engine.clone();
            tokio::spawn(async move {
                let ask = if at % 6 == 0 { "{ slow { id } }" } else { "{ things { name } }" };
                assert!(engine.execute(ask).await.is_ok());
            })
        });
        for task in timeout(LONG * 2, join_all(tasks)).await.unwrap() {
            task.unwrap();
        }
        db.close().await;
    }
}

#[tokio::test]
async fn databases_in_memory_are_apart_and_last_as_long_as_they_are_known() {
    let (one, engine) = filled(sqlite().await).await;
    let (other, _) = filled(sqlite().await).await;
    assert_eq!(other.execute("DELETE FROM thing").await.unwrap(), 2);
    assert_answers(&engine).await;
    drop(one);
    assert_answers(&engine).await;
    assert!(other.execute("INSERT INTO thing VALUES (3, 'c', 4)").await.is_err(), "foreign keys are enforced");
}

#[tokio::test]
async fn a_pool_of_the_user_keeps_what_its_connections_have() {
    let calls = Arc::new(AtomicU32::new(0));
    let counted = calls.clone();
    let options: SqliteConnectOptions = "sqlite::memory:".parse().unwrap();
    let pool = SqlitePoolOptions::new()
        .max_connections(1)
        .after_connect(move |connection, _| {
            let calls = counted.clone();
            Box::pin(async move {
                hiku::sqlx::raw_sql("ATTACH ':memory:' AS more").execute(&mut *connection).await?;
                connection.lock_handle().await?.set_progress_handler(10, move || {
                    calls.fetch_add(1, Ordering::Relaxed);
                    true
                });
                Ok(())
            })
        })
        .connect_with(options.collation("backwards", |a, b| b.cmp(a)))
        .await
        .unwrap();
    let db = Db::from(pool);
    let table = "CREATE TABLE more.thing (id INTEGER PRIMARY KEY, name TEXT COLLATE backwards NOT NULL)";
    execute(&db, &[table, "INSERT INTO thing VALUES (1, 'a'), (2, 'b')"]).await;
    let engine = engine(&db);
    for _ in 0..3 {
        let value = engine.execute("{ things { name } }").await.to_value();
        assert_eq!(value, json!({"data": {"things": [{"name": "b"}, {"name": "a"}]}}));
    }
    let before = calls.load(Ordering::Relaxed);
    hiku::sqlx::query("SELECT * FROM thing ORDER BY id * 2").fetch_all(db.sqlite().unwrap()).await.unwrap();
    assert!(calls.load(Ordering::Relaxed) > before, "its handler is gone");
}

#[test]
fn without_a_runtime_everything_is_done_in_place() {
    let folder = Folder::new();
    let url = folder.sqlite();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async { filled(Db::connect(&url).await.unwrap()).await.0.close().await });
    drop(runtime);
    fn ready<T>(future: impl Future<Output = T>) -> T {
        let mut context = std::task::Context::from_waker(std::task::Waker::noop());
        match std::pin::pin!(future).poll(&mut context) {
            std::task::Poll::Ready(value) => value,
            std::task::Poll::Pending => panic!("it waits"),
        }
    }
    let db = ready(Db::connect(&url)).unwrap();
    let value = ready(engine(&db).execute("{ slow { id } things { name } }")).to_value();
    assert_eq!(value, json!({"data": {"slow": [{"id": "500000"}], "things": [{"name": "a"}, {"name": "b"}]}}));
    ready(db.close());
}
