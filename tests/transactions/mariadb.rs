//! What is MariaDB's own: statements that end transactions, deadlocks, and statements that are stopped by another connection.

use std::time::{Duration, Instant};

use hiku::prelude::*;
use hiku::sql::TransactionError;
use hiku::sqlx;
use tokio::time::timeout;

use super::databases::mariadb_url;
use super::support::{LONG, Outcome, assert_none_lost, insert, names, polled, prepare, sleep_on_server};

/// Pools of ten connections and of one.
async fn pools() -> Vec<Db> {
    let mut all = Vec::new();
    for most in [10, 1] {
        let Some(url) = mariadb_url().await else { return all };
        let db = Db::builder(&url).max(most).connect().await.unwrap();
        prepare(&db).await;
        all.push(db);
    }
    all
}

#[tokio::test]
async fn c53_a_statement_that_stores_half_of_the_work_is_an_error() {
    for db in pools().await {
        let db = &db;
        let done: Result<(), TransactionError> = db
            .atomic(|| async {
                insert(db, "a").await.unwrap();
                let defined = db.execute("CREATE TABLE other (id INT)").await.unwrap_err();
                assert!(
                    super::support::transaction_error(&defined)
                        .is_some_and(|e| matches!(e, TransactionError::ImplicitCommit))
                );
                // Nothing follows it, neither here nor in a scope inside.
                assert!(insert(db, "b").await.is_err());
                let inner: Result<(), TransactionError> = db.atomic(|| async { Ok(()) }).await;
                assert!(matches!(inner, Err(TransactionError::ImplicitCommit)), "{inner:?}");
                Ok(())
            })
            .await;
        assert!(matches!(done, Err(TransactionError::ImplicitCommit)), "{done:?}");
        assert_eq!(names(db).await, ["a"], "what MariaDB had stored by then");
        // Also in a scope inside, by a statement among others, and on the connection in the hand.
        let done: Outcome = db
            .atomic(|| async {
                let inner: Outcome = db
                    .atomic(|| async {
                        db.execute("INSERT INTO m VALUES ('c'); DROP TABLE other")
                            .await
                            .map_err(|error| error.to_string())?;
                        Ok(())
                    })
                    .await;
                assert!(inner.is_err());
                insert(db, "d").await
            })
            .await;
        assert!(done.is_err());
        let mut tx = db.begin().await.unwrap();
        sqlx::query("CREATE TABLE third (id INT)").execute(tx.mysql().await.unwrap()).await.unwrap();
        assert!(matches!(tx.execute("INSERT INTO m VALUES ('e')").await, Err(TransactionError::ImplicitCommit)));
        assert!(matches!(tx.commit().await, Err(TransactionError::ImplicitCommit)));
        assert_eq!(names(db).await, ["a", "c"]);
        // What ends no transaction is no error.
        let done: Result<u64> = db
            .atomic(|| async {
                db.execute("CREATE TEMPORARY TABLE mine (id INT)").await?;
                db.execute("SET @x = 1; DO 0").await?;
                db.execute("INSERT INTO m VALUES ('f')").await
            })
            .await;
        assert_eq!(done.unwrap(), 1);
        assert_none_lost(db).await;
        db.close().await;
    }
}

#[tokio::test]
async fn c46_a_deadlock_undoes_a_whole_transaction() {
    let Some(url) = mariadb_url().await else { return };
    let db = &Db::connect(&url).await.unwrap();
    prepare(db).await;
    insert(db, "a").await.unwrap();
    insert(db, "b").await.unwrap();
    let meet = &tokio::sync::Barrier::new(2);
    let change = |first: &'static str, second: &'static str| async move {
        let swallowed: Result<bool, TransactionError> = db
            .atomic(|| async {
                let lock = |name: &str| db.execute_raw(format!("UPDATE m SET text = text WHERE text = '{name}'"));
                lock(first).await.unwrap();
                insert(db, &format!("by {first}")).await.unwrap();
                meet.wait().await;
                let locked = lock(second).await;
                // What comes next would be stored alone.
                let next = insert(db, &format!("after {first}")).await;
                assert_eq!(locked.is_ok(), next.is_ok());
                Ok(locked.is_ok())
            })
            .await;
        swallowed
    };
    let (one, two) = timeout(LONG, futures::future::join(change("a", "b"), change("b", "a"))).await.unwrap();
    let ends = [&one, &two];
    assert_eq!(ends.iter().filter(|end| matches!(end, Ok(true))).count(), 1, "{ends:?}");
    assert_eq!(ends.iter().filter(|end| matches!(end, Err(TransactionError::Aborted))).count(), 1, "{ends:?}");
    let kept = if one.is_ok() { "a" } else { "b" };
    assert_eq!(names(db).await, ["a".to_owned(), format!("after {kept}"), "b".to_owned(), format!("by {kept}")]);
    assert_none_lost(db).await;
    db.close().await;
}

#[tokio::test]
async fn c52_a_statement_that_is_dropped_is_stopped_and_nothing_else() {
    for db in pools().await {
        let db = &db;
        let id = |db: Db| async move {
            let mut conn = db.conn().await.unwrap();
            let id: u64 = sqlx::query_scalar("SELECT CONNECTION_ID()").fetch_one(conn.mysql().unwrap()).await.unwrap();
            id
        };
        let since = Instant::now();
        assert!(timeout(Duration::from_millis(100), sleep_on_server(db, 30_000)).await.is_err());
        insert(db, "a").await.unwrap();
        let before = id(db.clone()).await;
        // In a transaction, on its connection, which goes on.
        let done: Outcome = db
            .atomic(|| async {
                let here = id(db.clone()).await;
                insert(db, "b").await?;
                assert!(timeout(Duration::from_millis(100), sleep_on_server(db, 30_000)).await.is_err());
                assert!(timeout(Duration::from_millis(100), db.atomic(|| sleep_on_server(db, 30_000))).await.is_err());
                insert(db, "c").await?;
                assert_eq!(id(db.clone()).await, here);
                Ok(())
            })
            .await;
        done.unwrap();
        assert!(since.elapsed() < LONG, "{:?}", since.elapsed());
        assert_eq!(names(db).await, ["a", "b", "c"]);
        if db.stats().max == 1 {
            assert_eq!(id(db.clone()).await, before, "the connection is used again");
        }
        // Dropped around the time when they end by themselves: what follows is never hit.
        for round in 0..60_u64 {
            let short = sleep_on_server(db, 1 + round % 12);
            let _ = timeout(Duration::from_micros(200 * (round % 70)), short).await;
            db.execute("DO SLEEP(0.002)").await.unwrap();
            let _ = polled(insert(db, &format!("d{round}")), (round % 9) as usize).await;
            assert!(names(db).await.len() >= 3);
        }
        assert_none_lost(db).await;
        // Nothing runs on.
        let since = Instant::now();
        loop {
            let ask =
                "SELECT count(*) FROM information_schema.processlist WHERE db = DATABASE() AND info LIKE 'DO SLEEP%'";
            let running: i64 = sqlx::query_scalar(ask).fetch_one(db.mysql().unwrap()).await.unwrap();
            if running == 0 {
                break;
            }
            assert!(since.elapsed() < LONG, "{running} statements run on");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        db.close().await;
    }
}

#[tokio::test]
async fn c31_connections_that_mariadb_ended_are_replaced() {
    for db in pools().await {
        let db = &db;
        assert!(db.execute("KILL CONNECTION_ID()").await.is_err());
        db.atomic(|| async { insert(db, "a").await }).await.unwrap();
        let done: Outcome = db
            .atomic(|| async {
                insert(db, "b").await?;
                assert!(db.execute("KILL CONNECTION_ID()").await.is_err());
                Ok(())
            })
            .await;
        assert!(done.is_err());
        assert_eq!(names(db).await, ["a"]);
        assert_none_lost(db).await;
        db.close().await;
    }
}
