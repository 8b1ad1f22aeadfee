//! Settings of pools, and what pools do.

use std::time::Duration;

use futures::future::join_all;
use hiku::prelude::*;
use hiku::sql::DbBuilder;
use tokio::time::{Instant, sleep, timeout};

use super::databases::{Folder, mariadb_url, postgres_url};
use super::support::{LONG, Outcome, assert_none_lost, insert, names, polled, prepare, sleep_on_server};

/// A builder for each database.
async fn builders(folder: &Folder) -> Vec<DbBuilder> {
    let mut all = vec![Db::builder(&folder.sqlite())];
    all.extend(postgres_url().await.map(|(url, _)| Db::builder(&url)));
    all.extend(mariadb_url().await.map(|url| Db::builder(&url)));
    all
}

async fn until(what: &str, holds: impl Fn() -> bool) {
    let since = Instant::now();
    while !holds() {
        assert!(since.elapsed() < LONG, "{what}");
        sleep(Duration::from_millis(2)).await;
    }
}

#[tokio::test]
async fn c28_a_pool_grows_on_demand_and_never_too_far() {
    let folder = Folder::new();
    for builder in builders(&folder).await {
        let db = builder.clone().min(2).max(4).connect().await.unwrap();
        until("2 connections are opened at once", || db.stats().size == 2).await;
        db.close().await;
        let db = builder.max(4).connect().await.unwrap();
        until("it comes back", || db.stats().in_use == 0).await;
        assert_eq!((db.stats().size, db.stats().idle, db.stats().max), (1, 1, 4));
        let one = db.conn().await.unwrap();
        let two = db.conn().await.unwrap();
        assert_eq!((db.stats().size, db.stats().in_use), (2, 2));
        drop((one, two));
        prepare(&db).await;
        let all = join_all((0..200).map(|at| {
            let db = db.clone();
            async move {
                assert!(db.stats().size <= 4);
                let done: Outcome = db.atomic(|| async { insert(&db, &format!("{at}")).await }).await;
                done.unwrap();
                assert!(db.stats().size <= 4);
            }
        }));
        timeout(LONG, all).await.expect("a deadlock");
        assert_eq!(names(&db).await.len(), 200);
        until("all come back", || db.stats().in_use == 0).await;
        assert_none_lost(&db).await;
        db.close().await;
    }
}

#[tokio::test]
async fn c29_waiting_ends_and_loses_nothing() {
    let folder = Folder::new();
    for builder in builders(&folder).await {
        let db = builder.max(1).acquire_timeout(Duration::from_millis(500)).connect().await.unwrap();
        let held = db.conn().await.unwrap();
        assert!(db.conn().await.is_err());
        assert!(db.execute("SELECT 1").await.is_err());
        drop(held);
        for round in 0..1000 {
            let _ = polled(db.conn(), round % 5).await;
        }
        until("all come back", || db.stats().in_use == 0).await;
        db.execute("SELECT 1").await.unwrap();
        assert_none_lost(&db).await;
        db.close().await;
    }
}

#[tokio::test]
async fn c31_idle_connections_that_the_server_ended_are_replaced() {
    let Some((url, _)) = postgres_url().await else { return };
    let db = Db::builder(&url).max(3).connect().await.unwrap();
    let admin = Db::connect(&url).await.unwrap();
    for _ in 0..3 {
        let mut held = Vec::new();
        let mut processes: Vec<i32> = Vec::new();
        for _ in 0..3 {
            let mut conn = db.conn().await.unwrap();
            let process = hiku::sqlx::query_scalar("SELECT pg_backend_pid()").fetch_one(conn.postgres().unwrap());
            processes.push(process.await.unwrap());
            held.push(conn);
        }
        drop(held);
        until("all come back", || db.stats().in_use == 0).await;
        for process in processes {
            admin.execute_raw(format!("SELECT pg_terminate_backend({process})")).await.unwrap();
        }
        sleep(Duration::from_millis(30)).await;
        db.execute("SELECT 1").await.unwrap();
        let done: Result<u64> = db.atomic(|| db.execute("SELECT 1")).await;
        done.unwrap();
    }
    // One whose statement is under way has an error, once.
    assert!(db.execute("SELECT pg_terminate_backend(pg_backend_pid())").await.is_err());
    db.execute("SELECT 1").await.unwrap();
    assert_none_lost(&db).await;
    db.close().await;
    admin.close().await;
}

#[tokio::test]
async fn c32_statements_of_new_connections_and_their_age() {
    let folder = Folder::new();
    for builder in builders(&folder).await {
        let db = builder.clone().max(1).connect().await.unwrap();
        prepare(&db).await;
        db.execute("CREATE TABLE opened (x INTEGER)").await.unwrap();
        db.close().await;
        let db = builder
            .on_connect("INSERT INTO opened VALUES (1)")
            .on_connect("SELECT 1")
            .max(3)
            .recycle(Duration::from_millis(200))
            .connect()
            .await
            .unwrap();
        let held = (db.conn().await.unwrap(), db.conn().await.unwrap());
        drop(held);
        // They come back in their own time.
        let back = || db.stats().in_use == 0;
        for _ in 0..5 {
            until("all come back", back).await;
            db.execute("SELECT 1").await.unwrap();
        }
        until("all come back", back).await;
        assert_eq!(db.execute("UPDATE opened SET x = x").await.unwrap(), 2);
        // An old one is closed when it comes back, or while it is idle.
        let since = Instant::now();
        while db.execute("UPDATE opened SET x = x").await.unwrap() == 2 {
            assert!(since.elapsed() < LONG, "an old one is replaced");
            sleep(Duration::from_millis(20)).await;
        }
        db.close().await;
    }
}

#[tokio::test]
async fn c34_whoever_closes_waits() {
    let folder = Folder::new();
    for builder in builders(&folder).await {
        let db = builder.connect().await.unwrap();
        let held = db.conn().await.unwrap();
        let other = db.clone();
        let closing = tokio::spawn(async move { other.close().await });
        sleep(Duration::from_millis(30)).await;
        assert!(!closing.is_finished());
        assert!(db.execute("SELECT 1").await.is_err());
        drop(held);
        timeout(LONG, closing).await.expect("it closes").unwrap();
        db.close().await;
        let done: Outcome = db.atomic(|| async { Ok(()) }).await;
        assert!(done.is_err());
        assert_eq!(db.stats().size, 0);
    }
}

#[tokio::test]
async fn c36_settings_that_contradict_each_other_are_errors() {
    let folder = Folder::new();
    for builder in builders(&folder).await {
        let error = builder.clone().max(0).connect().await.unwrap_err().to_string();
        assert!(error.contains("`max` is 0"), "{error}");
        let error = builder.clone().min(3).max(2).connect().await.unwrap_err().to_string();
        assert!(error.contains("3 of at most 2"), "{error}");
    }
    assert!(Db::builder("mysql://u:secret@h/d").connect().await.is_err());
    let limited = Db::builder("sqlite::memory:").statement_timeout(LONG).connect().await;
    assert!(limited.unwrap_err().to_string().contains("SQLite"));
    let shown = format!("{:?}", Db::builder("postgres://u:secret@h/d"));
    assert!(!shown.contains("secret"), "{shown}");
}

#[tokio::test]
async fn c44_a_statement_that_takes_too_long_is_ended_by_the_server() {
    let urls = [postgres_url().await.map(|(url, _)| url), mariadb_url().await];
    for url in urls.into_iter().flatten() {
        let db = Db::builder(&url).max(1).statement_timeout(Duration::from_millis(50)).connect().await.unwrap();
        prepare(&db).await;
        let since = Instant::now();
        let done: Outcome = db
            .atomic(|| async {
                insert(&db, "a").await?;
                if db.mysql().is_some() {
                    // There, SLEEP ends early, without an error.
                    db.execute("SELECT sum(a.seq * b.seq) FROM seq_1_to_1000000 a, seq_1_to_1000000 b")
                        .await
                        .map_err(|error| error.to_string())?;
                }
                sleep_on_server(&db, 20_000).await
            })
            .await;
        let error = done.unwrap_err().to_string();
        assert!(error.contains("timeout") || error.contains("max_statement_time"), "{error}");
        assert!(since.elapsed() < LONG);
        assert!(names(&db).await.is_empty());
        assert_none_lost(&db).await;
        db.close().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn c34_terminate_waits_for_nobody() {
    let folder = Folder::new();
    let mut all: Vec<Db> = Vec::new();
    for builder in builders(&folder).await {
        all.push(builder.max(3).connect().await.unwrap());
    }
    all.push(Db::connect("sqlite::memory:").await.unwrap());
    let other = Folder::new();
    all.push(Db::connect(&other.sqlite()).await.unwrap());
    for db in all {
        prepare(&db).await;
        assert!(db.is_connected());
        let (began, begun) = tokio::sync::oneshot::channel();
        let (ended, end) = tokio::sync::oneshot::channel();
        let inside = tokio::spawn({
            let db = db.clone();
            async move {
                let done: Outcome = db
                    .atomic(|| async {
                        insert(&db, "a").await?;
                        began.send(()).unwrap();
                        end.await?;
                        insert(&db, "b").await
                    })
                    .await;
                done
            }
        });
        begun.await.unwrap();
        // Who held a connection before goes on to hold it; it is of no use.
        let single = db.stats().max == 1 || db.sqlite().is_some_and(|pool| pool.options().get_max_connections() == 1);
        let mut held = if single { None } else { Some(db.conn().await.unwrap()) };
        timeout(LONG, db.terminate()).await.expect("it waits");
        assert!(!db.is_connected());
        assert!(db.execute("SELECT 1").await.is_err());
        if let (Some(conn), true) = (&mut held, db.dialect() != hiku::sql::Dialect::Sqlite) {
            assert!(conn.execute("SELECT 1").await.is_err());
        }
        ended.send(()).unwrap();
        assert!(inside.await.unwrap().is_err());
        drop(held);
        timeout(LONG, db.close()).await.expect("what was in use does not come back");
        db.terminate().await;
    }
    // Nothing of the transaction was stored.
    for builder in builders(&folder).await.into_iter().take(1) {
        let db = builder.connect().await.unwrap();
        assert!(names(&db).await.is_empty());
        db.close().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn c34_terminate_stops_loaders_of_sqlite() {
    #[node(
        table = "endless",
        view = "SELECT 1 AS id, (WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000000000) SELECT count(*) FROM n) AS late"
    )]
    struct Endless {
        #[key]
        id: i32,
        late: i64,
    }

    #[root]
    struct Query {
        #[link(all)]
        endless: Many<Endless>,
    }

    let db = Db::connect("sqlite::memory:").await.unwrap();
    let engine = Engine::builder(Graph::new::<Query>().unwrap()).data(db.clone()).build().unwrap();
    let asked = tokio::spawn(async move { engine.execute("{ endless { late } }").await.to_value() });
    until("it runs on a thread", || db.stats().in_use == 1).await;
    sleep(Duration::from_millis(20)).await;
    db.terminate().await;
    let done = timeout(LONG, asked).await.expect("it is stopped").unwrap();
    assert!(done.get("errors").is_some(), "{done}");
}
