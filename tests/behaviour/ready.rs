//! Connections that go from one request to the next: they are never kept from whoever asks the pool itself.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use futures::future::join_all;
use hiku::prelude::*;
use tokio::time::timeout;

use super::databases::{mariadb_url, postgres_url};
use super::fixture::enterprise;

const LONG: Duration = Duration::from_secs(20);

const ASK: &str = "{ characters { name actors { name movies { title } } } movies { title } }";

async fn addresses() -> Vec<String> {
    let postgres = postgres_url().await.map(|(url, _)| url);
    postgres.into_iter().chain(mariadb_url().await).collect()
}

/// Take so many connections of the sqlx pool at once, and give them back.
async fn from_pool(db: &Db, connections: u32) {
    let all = async {
        if let Some(pool) = db.postgres() {
            drop(join_all((0..connections).map(|_| async { pool.acquire().await.unwrap() })).await);
        } else if let Some(pool) = db.mysql() {
            drop(join_all((0..connections).map(|_| async { pool.acquire().await.unwrap() })).await);
        }
    };
    timeout(LONG, all).await.expect("connections are kept from the pool");
}

#[node(view = "SELECT 1::bigint AS id, pg_backend_pid()::bigint AS process", table = "process")]
struct OnPostgres {
    #[key]
    id: i64,
    process: i64,
}

#[node(view = "SELECT CAST(1 AS SIGNED) AS id, CAST(CONNECTION_ID() AS SIGNED) AS process", table = "process")]
struct OnMariaDb {
    #[key]
    id: i64,
    process: i64,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_statement_after_the_other_meets_the_same_process() {
    for url in addresses().await {
        let db = Db::connect(&url).await.unwrap();
        let process = async || match db.dialect() {
            hiku::sql::Dialect::MySql => OnMariaDb::get(&db, 1).await.unwrap().unwrap().process,
            _ => OnPostgres::get(&db, 1).await.unwrap().unwrap().process,
        };
        let (mut before, mut changes) = (process().await, 0);
        let start = Instant::now();
        for _ in 0..100 {
            let now = process().await;
            changes += u128::from(now != before);
            before = now;
        }
        // One that rests for 10 ms, where the machine is busy, is back in the pool, which may give another.
        let most = 5 + start.elapsed().as_millis() / 10;
        assert!(changes <= most, "{changes} changes, at most {most} were to be");
        db.close().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_asks_the_pool_has_all_connections_soon() {
    for url in addresses().await {
        let db = Db::builder(&url).max(3).connect().await.unwrap();
        let engine = enterprise(db.clone()).await;
        for _ in 0..10 {
            assert!(join_all((0..6).map(|_| engine.execute(ASK))).await.iter().all(Response::is_ok));
            from_pool(&db, 3).await;
        }
        // Also while others ask without end.
        let done = Arc::new(AtomicBool::new(false));
        let tasks = (0..8).map(|_| {
            let (engine, done) = (engine.clone(), done.clone());
            tokio::spawn(async move {
                while !done.load(Ordering::Relaxed) {
                    assert!(engine.execute(ASK).await.is_ok());
                }
            })
        });
        let tasks: Vec<_> = tasks.collect();
        for _ in 0..10 {
            from_pool(&db, 2).await;
        }
        done.store(true, Ordering::Relaxed);
        for task in tasks {
            task.await.unwrap();
        }
        db.close().await;
    }
}

#[tokio::test]
async fn a_pool_that_is_closed_keeps_none() {
    for url in addresses().await {
        for by_hand in [false, true] {
            let db = Db::builder(&url).connect().await.unwrap();
            let engine = enterprise(db.clone()).await;
            assert!(join_all((0..4).map(|_| engine.execute(ASK))).await.iter().all(Response::is_ok));
            let close = async {
                match (by_hand, db.postgres(), db.mysql()) {
                    (true, Some(pool), _) => pool.close().await,
                    (true, _, Some(pool)) => pool.close().await,
                    _ => db.close().await,
                }
            };
            timeout(LONG, close).await.expect("a connection is kept");
            assert_eq!((db.stats().size, db.stats().idle), (0, 0));
            assert!(!engine.execute(ASK).await.is_ok());
            let db = Db::connect(&url).await.unwrap();
            hiku::sql::drop_tables::<super::fixture::Query>(&db).await.unwrap();
            db.close().await;
        }
    }
}

#[test]
fn a_runtime_that_ends_takes_its_connections_with_it() {
    let runtime = || tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let first = runtime();
    for url in first.block_on(addresses()) {
        let first = runtime();
        let (db, engine) = first.block_on(async {
            let db = Db::connect(&url).await.unwrap();
            let engine = enterprise(db.clone()).await;
            assert!(engine.execute(ASK).await.is_ok());
            (db, engine)
        });
        drop(first);
        // What rests belongs to a runtime that is gone.
        let second = runtime();
        second.block_on(async {
            assert!(timeout(LONG, engine.execute(ASK)).await.unwrap().is_ok());
            assert!(engine.execute(ASK).await.is_ok());
        });
        drop(second);
        drop(engine);
        drop(db);
    }
}
