//! Statements that nobody waits for any longer are stopped, and nobody else's.

use std::time::{Duration, Instant};

use futures::future::join_all;
use hiku::prelude::*;
use hiku::sql::{Dialect, TransactionError};
use hiku::sqlx;
use tokio::time::timeout;

use super::databases::postgres_url;
use super::support::{LONG, Outcome, assert_none_lost, insert, names, on_each, pools_of_one, prepare};

/// How long the statements would run.
const FOREVER: &str = "SELECT pg_sleep(60)";

/// Enough for a statement to be under way.
const SOON: Duration = Duration::from_millis(100);

/// What 60 s are not.
const STOPPED: Duration = Duration::from_secs(10);

#[node(view = "SELECT 1 AS id, pg_sleep(60)::text AS late", table = "late")]
struct Late {
    #[key]
    id: i32,
    late: String,
}

#[root]
struct Query {
    #[link(all)]
    late: Many<Late>,
}

async fn process(db: &Db) -> i32 {
    let mut conn = db.conn().await.unwrap();
    sqlx::query_scalar("SELECT pg_backend_pid()").fetch_one(conn.postgres().unwrap()).await.unwrap()
}

/// A PostgreSQL pool of one.
async fn one() -> Option<Db> {
    pools_of_one(LONG).await.into_iter().find(|db| db.dialect() == Dialect::Postgres)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn c44_a_dropped_statement_is_stopped_on_the_server_and_its_connection_lives() {
    let Some(db) = one().await else { return };
    let db = &db;
    let before = process(db).await;
    let engine = Engine::builder(Graph::new::<Query>().unwrap()).data(db.clone()).build().unwrap();
    let since = Instant::now();
    // Of `execute`, of sqlx on a connection that was lent, of a loader.
    assert!(timeout(SOON, db.execute(FOREVER)).await.is_err());
    db.execute("SELECT 1").await.unwrap();
    let by_hand = async {
        let mut conn = db.conn().await.unwrap();
        sqlx::query(FOREVER).execute(conn.postgres().unwrap()).await
    };
    assert!(timeout(SOON, by_hand).await.is_err());
    db.execute("SELECT 1").await.unwrap();
    assert!(timeout(SOON, engine.execute("{ late { late } }")).await.is_err());
    db.execute("SELECT 1").await.unwrap();
    assert!(since.elapsed() < STOPPED);
    assert_eq!(process(db).await, before, "the connection is the same");
    assert_none_lost(db).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn c44_a_dropped_transaction_stops_its_statement() {
    let Some(db) = one().await else { return };
    let db = &db;
    let engine = Engine::builder(Graph::new::<Query>().unwrap()).data(db.clone()).build().unwrap();
    let before = process(db).await;
    let since = Instant::now();
    let whole = db.atomic(|| async {
        insert(db, "a").await?;
        db.execute(FOREVER).await.map_err(|error| error.to_string())?;
        Outcome::Ok(())
    });
    assert!(timeout(SOON, whole).await.is_err());
    assert!(names(db).await.is_empty());
    let loader = db.atomic(|| async {
        insert(db, "a").await?;
        engine.execute("{ late { late } }").await;
        Outcome::Ok(())
    });
    assert!(timeout(SOON, loader).await.is_err());
    assert!(names(db).await.is_empty());
    // Around a nested scope: the outer one goes on.
    let outer: Outcome = db
        .atomic(|| async {
            insert(db, "b").await?;
            let nested = db.atomic(|| async {
                insert(db, "c").await?;
                db.execute(FOREVER).await.map_err(|error| error.to_string())?;
                Outcome::Ok(())
            });
            assert!(timeout(SOON, nested).await.is_err());
            insert(db, "d").await
        })
        .await;
    outer.unwrap();
    assert_eq!(names(db).await, ["b", "d"]);
    // In the hand.
    let mut tx = db.begin().await.unwrap();
    let sleeping = async { sqlx::query(FOREVER).execute(tx.postgres().await.unwrap()).await };
    assert!(timeout(SOON, sleeping).await.is_err());
    // Nobody knows what it did: the transaction is given up.
    assert!(matches!(tx.execute("SELECT 1").await, Err(TransactionError::Aborted)));
    assert!(tx.commit().await.is_err());
    assert!(since.elapsed() < STOPPED);
    assert_eq!(process(db).await, before, "the connection is the same");
    assert_none_lost(db).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn c33_a_statement_that_was_stopped_aborts_its_transaction() {
    let Some(db) = one().await else { return };
    let db = &db;
    let engine = Engine::builder(Graph::new::<Query>().unwrap()).data(db.clone()).build().unwrap();
    let done: Result<(), TransactionError> = db
        .atomic(|| async {
            insert(db, "a").await.unwrap();
            let _ = timeout(SOON, engine.execute("{ late { late } }")).await;
            Ok(())
        })
        .await;
    assert!(matches!(done, Err(TransactionError::Aborted)), "{done:?}");
    assert!(names(db).await.is_empty());
    // One that ends soon is waited for, and changes nothing.
    for _ in 0..20 {
        let done: Outcome = db
            .atomic(|| async {
                let _ = super::support::polled(db.execute("SELECT pg_sleep(0.001)"), 2).await;
                insert(db, "b").await?;
                db.execute("DELETE FROM m").await.map_err(|error| error.to_string())?;
                Ok(())
            })
            .await;
        done.unwrap();
    }
    assert_none_lost(db).await;
}

/// Statements that end at about the time when they are cancelled: what comes next on the connection is never hit.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn c44_a_late_cancel_hits_nothing_else() {
    let Some((url, _)) = postgres_url().await else { return };
    let db = Db::builder(&url).max(4).connect().await.unwrap();
    prepare(&db).await;
    let workers = (0..4_u64).map(|worker| {
        let db = db.clone();
        tokio::spawn(async move {
            for round in 0..60_u64 {
                // Given up after 5 ms, cancelled some 50 ms later.
                let micros = 45_000 + (round * 7919 + worker * 104_729) % 40_000;
                let text = format!("SELECT pg_sleep({})", micros as f64 / 1e6);
                let _ = timeout(Duration::from_millis(5), db.execute_raw(text)).await;
                db.execute("SELECT pg_sleep(0.003)").await.unwrap();
                let done: Outcome = db
                    .atomic(|| async {
                        db.execute("SELECT pg_sleep(0.001)").await.map_err(|error| error.to_string())?;
                        insert(&db, &format!("{worker} {round}")).await
                    })
                    .await;
                done.unwrap();
            }
        })
    });
    for worker in timeout(Duration::from_secs(60), join_all(workers)).await.expect("a deadlock") {
        worker.unwrap();
    }
    assert_eq!(names(&db).await.len(), 240);
    assert_none_lost(&db).await;
    db.close().await;
}

#[tokio::test]
async fn c30_what_was_begun_by_hand_is_undone_before_others_have_the_connection() {
    on_each(|db| async move {
        for begin in ["BEGIN", "BEGIN; INSERT INTO m (text) VALUES ('a')"] {
            {
                let mut conn = db.conn().await.unwrap();
                conn.execute(begin).await.unwrap();
            }
            assert_none_lost(&db).await;
            // Stored at once, not in what was begun.
            db.execute(begin).await.unwrap();
            insert(&db, "b").await.unwrap();
            assert_none_lost(&db).await;
            assert_eq!(names(&db).await, ["b"]);
            db.execute("DELETE FROM m").await.unwrap();
        }
        {
            let mut conn = db.conn().await.unwrap();
            const INSERT: &str = "INSERT INTO m (text) VALUES ('a')";
            match db.dialect() {
                Dialect::Sqlite => {
                    let conn = conn.sqlite().unwrap();
                    sqlx::raw_sql("BEGIN").execute(&mut *conn).await.unwrap();
                    sqlx::query(INSERT).execute(conn).await.unwrap();
                }
                Dialect::MySql => {
                    let conn = conn.mysql().unwrap();
                    sqlx::raw_sql("BEGIN").execute(&mut *conn).await.unwrap();
                    sqlx::query(INSERT).execute(conn).await.unwrap();
                }
                _ => {
                    let conn = conn.postgres().unwrap();
                    sqlx::raw_sql("BEGIN").execute(&mut *conn).await.unwrap();
                    sqlx::query(INSERT).execute(&mut *conn).await.unwrap();
                    // Aborted, even.
                    sqlx::raw_sql("SELECT nothing").execute(conn).await.unwrap_err();
                }
            }
        }
        assert_none_lost(&db).await;
        assert!(names(&db).await.is_empty());
    })
    .await;
}

/// Takes minutes; for statements that users write, and for those of loaders.
const LONG_ON_SQLITE: &str =
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000000000) SELECT count(*) FROM n";

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
struct EndlessQuery {
    #[link(all)]
    endless: Many<Endless>,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn c52_a_dropped_statement_of_sqlite_frees_its_connection() {
    let folder = super::databases::Folder::new();
    let file = folder.sqlite();
    for db in [
        Db::connect("sqlite::memory:").await.unwrap(),
        Db::connect(&file).await.unwrap(),
        Db::builder(&file).max(1).connect().await.unwrap(),
    ] {
        prepare(&db).await;
        let db = &db;
        let engine = Engine::builder(Graph::new::<EndlessQuery>().unwrap()).data(db.clone()).build().unwrap();
        let free = async |what: &str| {
            let since = Instant::now();
            insert(db, what).await.unwrap();
            assert_eq!(names(db).await, [what]);
            db.execute("DELETE FROM m").await.unwrap();
            // 200 ms on a machine that does nothing else.
            assert!(since.elapsed() < Duration::from_secs(5), "{what}: {:?}", since.elapsed());
        };
        assert!(timeout(SOON, db.execute(LONG_ON_SQLITE)).await.is_err());
        free("alone").await;
        let by_hand = async {
            let mut conn = db.conn().await.unwrap();
            sqlx::query(LONG_ON_SQLITE).fetch_all(conn.sqlite().unwrap()).await
        };
        assert!(timeout(SOON, by_hand).await.is_err());
        free("by hand").await;
        assert!(timeout(SOON, engine.execute("{ endless { late } }")).await.is_err());
        free("a loader").await;
        let inside = db.atomic(|| async {
            insert(db, "a").await?;
            db.execute(LONG_ON_SQLITE).await.map_err(|error| error.to_string())?;
            Outcome::Ok(())
        });
        assert!(timeout(SOON, inside).await.is_err());
        free("inside").await;
        let inside = db.atomic(|| async {
            insert(db, "a").await?;
            engine.execute("{ endless { late } }").await;
            Outcome::Ok(())
        });
        assert!(timeout(SOON, inside).await.is_err());
        free("a loader inside").await;
        // The transaction around goes on: nothing was written by what was stopped.
        let outer: Outcome = db
            .atomic(|| async {
                insert(db, "b").await?;
                assert!(timeout(SOON, db.execute(LONG_ON_SQLITE)).await.is_err());
                assert!(timeout(SOON, engine.execute("{ endless { late } }")).await.is_err());
                let nested = db.atomic(|| async {
                    insert(db, "c").await?;
                    db.execute(LONG_ON_SQLITE).await.map_err(|error| error.to_string())?;
                    Outcome::Ok(())
                });
                assert!(timeout(SOON, nested).await.is_err());
                insert(db, "d").await
            })
            .await;
        outer.unwrap();
        assert_eq!(names(db).await, ["b", "d"]);
        let mut tx = db.begin().await.unwrap();
        assert!(timeout(SOON, tx.execute(LONG_ON_SQLITE)).await.is_err());
        drop(tx);
        assert_none_lost(db).await;
        db.close().await;
    }
}

/// Behind a pooler nobody knows which process works for a connection: nothing is cancelled, and nothing else changes.
#[tokio::test]
async fn c44_connections_that_keep_no_statements_are_waited_for() {
    let Some((url, _)) = postgres_url().await else { return };
    let options: sqlx::postgres::PgConnectOptions = url.parse().unwrap();
    let pool = sqlx::postgres::PgPoolOptions::new().max_connections(1);
    let db = Db::from(pool.connect_with(options.statement_cache_capacity(0)).await.unwrap());
    prepare(&db).await;
    for _ in 0..3 {
        assert!(timeout(SOON, db.execute("SELECT pg_sleep(0.5)")).await.is_err());
        insert(&db, "a").await.unwrap();
        db.execute("DELETE FROM m").await.unwrap();
    }
    assert_none_lost(&db).await;
    db.close().await;
}
