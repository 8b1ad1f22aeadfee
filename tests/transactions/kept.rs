//! Whoever keeps the connection of a transaction is named to those who wait for it.

use std::time::Duration;

use hiku::prelude::*;
use hiku::sql::TransactionError;
use tokio::time::timeout;

use super::databases::{Folder, mariadb_url, postgres_url};
use super::support::{LONG, Outcome, assert_none_lost, insert, names, prepare};

async fn on_impatient<F: Future<Output = ()>>(test: impl Fn(Db) -> F) {
    let folder = Folder::new();
    let mut all = vec![Db::builder(&folder.sqlite())];
    all.extend(postgres_url().await.map(|(url, _)| Db::builder(&url)));
    all.extend(mariadb_url().await.map(|url| Db::builder(&url)));
    for builder in all {
        let db = builder.max(2).acquire_timeout(Duration::from_secs(1)).connect().await.unwrap();
        prepare(&db).await;
        timeout(LONG, test(db.clone())).await.expect("it waits for ever");
        assert_none_lost(&db).await;
        db.close().await;
    }
}

#[track_caller]
fn assert_busy(error: &TransactionError, holder: &str) {
    assert!(matches!(error, TransactionError::Busy { .. }), "{error:?}");
    let text = error.to_string();
    assert!(text.contains(holder), "{text}");
}

#[tokio::test]
async fn c49_a_connection_that_is_kept_is_an_error_that_names_it() {
    on_impatient(|db| async move {
        let done: Outcome = db
            .atomic(|| async {
                insert(&db, "a").await?;
                let kept = db.conn().await?;
                let error = db.conn().await.unwrap_err();
                assert_busy(&error, "a `Conn` taken at tests/transactions/kept.rs:");
                let error = db.execute("SELECT 1").await.unwrap_err();
                assert_busy(super::support::transaction_error(&error).unwrap(), "`Conn`");
                let nested: std::result::Result<(), TransactionError> = db.atomic(|| async { Ok(()) }).await;
                assert_busy(&nested.unwrap_err(), "`Conn`");
                drop(kept);
                insert(&db, "b").await
            })
            .await;
        done.unwrap();
        assert_eq!(names(&db).await, ["a", "b"]);
    })
    .await;
}

#[tokio::test]
async fn c49_a_connection_that_outlives_its_transaction_does_not_hold_it_up_for_ever() {
    on_impatient(|db| async move {
        let mut kept = None;
        let done: std::result::Result<(), TransactionError> = db
            .atomic(|| async {
                insert(&db, "a").await.unwrap();
                kept = Some(db.conn().await?);
                Ok(())
            })
            .await;
        assert_busy(&done.unwrap_err(), "`Conn`");
        drop(kept);
        assert!(names(&db).await.is_empty());
        // The error of the block is what is answered.
        let mut kept = None;
        let done: Outcome = db
            .atomic(|| async {
                insert(&db, "a").await?;
                kept = Some(db.conn().await?);
                Err("no".into())
            })
            .await;
        assert_eq!(done.unwrap_err().to_string(), "no");
        drop(kept);
        assert!(names(&db).await.is_empty());
    })
    .await;
}

#[tokio::test]
async fn c49_a_nested_scope_that_waits_for_its_outer_one_is_named() {
    on_impatient(|db| async move {
        let done: Outcome = db
            .atomic(|| async {
                insert(&db, "a").await?;
                let (say, said) = tokio::sync::oneshot::channel::<()>();
                let outer = db.spawn_in_scope({
                    let db = db.clone();
                    async move {
                        said.await.unwrap();
                        db.conn().await.map(drop)
                    }
                });
                let nested: Outcome = db
                    .atomic(|| async {
                        insert(&db, "b").await?;
                        say.send(()).unwrap();
                        // It is outside of this scope, and waits for its end.
                        assert_busy(&outer.await?.unwrap_err(), "a nested scope taken at tests/transactions/kept.rs:");
                        Ok(())
                    })
                    .await;
                nested
            })
            .await;
        done.unwrap();
        assert_eq!(names(&db).await, ["a", "b"]);
    })
    .await;
}

#[tokio::test]
async fn c49_long_statements_are_waited_for() {
    on_impatient(|db| async move {
        let done: Outcome = db
            .atomic(|| async {
                // Together they take longer than one waits for somebody who does nothing.
                let all = (0..4).map(|_| super::support::sleep_on_server(&db, 200));
                futures::future::try_join_all(all).await?;
                Ok(())
            })
            .await;
        done.unwrap();
    })
    .await;
}

#[tokio::test]
async fn c49_a_connection_that_outlives_its_nested_scope_is_named() {
    on_impatient(|db| async move {
        let mut kept = None;
        let done: Outcome = db
            .atomic(|| async {
                insert(&db, "a").await?;
                let nested: std::result::Result<(), TransactionError> = db
                    .atomic(|| async {
                        insert(&db, "b").await.unwrap();
                        kept = Some(db.conn().await?);
                        Ok(())
                    })
                    .await;
                assert_busy(&nested.unwrap_err(), "`Conn`");
                assert_busy(&db.conn().await.unwrap_err(), "`Conn`");
                kept = None;
                insert(&db, "c").await
            })
            .await;
        done.unwrap();
        assert_eq!(names(&db).await, ["a", "c"]);
    })
    .await;
}

/// Whoever is inside a scope is not told that this keeps the connection.
#[tokio::test]
async fn c49_statements_in_a_long_nested_scope_wait_for_each_other() {
    on_impatient(|db| async move {
        let done: Outcome = db
            .atomic(|| async {
                db.atomic(|| async {
                    let all = (0..3).map(|_| super::support::sleep_on_server(&db, 400));
                    futures::future::try_join_all(all).await?;
                    insert(&db, "a").await
                })
                .await
            })
            .await;
        done.unwrap();
    })
    .await;
}
