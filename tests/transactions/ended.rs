//! How scopes end, and what follows.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures::FutureExt;
use hiku::prelude::*;
use hiku::sql::{Dialect, Isolation, TransactionError, TxOptions};
use tokio::time::timeout;

use super::databases::{Folder, mariadb_url, postgres_url};
use super::support::{LONG, Outcome, insert, names, on_each, prepare};

const SHORT: Duration = Duration::from_millis(40);

#[tokio::test]
async fn c38_commit_error_panic_and_drop() {
    on_each(|db| async move {
        let db = &db;
        let answer: Outcome<i32> = db
            .atomic(|| async {
                insert(db, "a").await?;
                Ok(7)
            })
            .await;
        assert_eq!(answer.unwrap(), 7);
        let failed: Outcome = db
            .atomic(|| async {
                insert(db, "b").await?;
                Err("fake".into())
            })
            .await;
        assert_eq!(failed.unwrap_err().to_string(), "fake");
        let twice: Outcome = db
            .atomic(|| async {
                insert(db, "c").await?;
                insert(db, "a").await
            })
            .await;
        assert!(twice.is_err());
        let panicked = AssertUnwindSafe(db.atomic(|| async {
            insert(db, "d").await?;
            if db.in_transaction() {
                panic!("boom");
            }
            Outcome::Ok(())
        }));
        assert_eq!(*panicked.catch_unwind().await.unwrap_err().downcast::<&str>().unwrap(), "boom");
        let dropped = db.atomic(|| async {
            insert(db, "e").await?;
            std::future::pending::<Outcome>().await
        });
        assert!(timeout(SHORT, dropped).await.is_err());
        assert!(!db.in_transaction());
        assert_eq!(names(db).await, ["a"]);
        // A panic in a scope, caught in the one around.
        let outer: Outcome = db
            .atomic(|| async {
                insert(db, "f").await?;
                let panicked = AssertUnwindSafe(db.atomic(|| async {
                    insert(db, "g").await?;
                    if db.in_transaction() {
                        panic!("boom");
                    }
                    Outcome::Ok(())
                }));
                assert!(panicked.catch_unwind().await.is_err());
                insert(db, "h").await
            })
            .await;
        outer.unwrap();
        assert_eq!(names(db).await, ["a", "f", "h"]);
    })
    .await;
}

#[tokio::test]
async fn c33_an_error_that_is_not_passed_on_is_found_at_the_end() {
    on_each(|db| async move {
        let db = &db;
        let done: Result<(), TransactionError> = db
            .atomic(|| async {
                insert(db, "a").await.unwrap();
                assert!(insert(db, "a").await.is_err());
                Ok(())
            })
            .await;
        if db.dialect() != Dialect::Postgres {
            // There the statement fails alone.
            done.unwrap();
            assert_eq!(names(db).await, ["a"]);
            return;
        }
        assert!(matches!(done, Err(TransactionError::Aborted)), "{done:?}");
        assert!(names(db).await.is_empty());
        // The same in a scope inside: that fails, the one around goes on.
        let outer: Result<(), TransactionError> = db
            .atomic(|| async {
                insert(db, "b").await.unwrap();
                let inner: Result<(), TransactionError> = db
                    .atomic(|| async {
                        assert!(insert(db, "b").await.is_err());
                        // Nor does a third one begin.
                        let third: Result<(), TransactionError> = db.atomic(|| async { Ok(()) }).await;
                        assert!(matches!(third, Err(TransactionError::Aborted)), "{third:?}");
                        Ok(())
                    })
                    .await;
                assert!(matches!(inner, Err(TransactionError::Aborted)), "{inner:?}");
                insert(db, "c").await.unwrap();
                Ok(())
            })
            .await;
        outer.unwrap();
        assert_eq!(names(db).await, ["b", "c"]);
    })
    .await;
}

#[tokio::test]
async fn c46_errors_of_the_statements_that_begin_and_end() {
    on_each(|db| async move {
        let db = &db;
        // COMMIT fails: a constraint that is looked at then.
        let keys = match db.dialect() {
            Dialect::Sqlite => "PRAGMA foreign_keys = 1",
            _ => "SELECT 1",
        };
        db.execute(keys).await.unwrap();
        // MariaDB looks at all constraints at once.
        if db.dialect() != Dialect::MySql {
            db.execute("CREATE TABLE p (id INTEGER PRIMARY KEY)").await.unwrap();
            db.execute("CREATE TABLE c (p INTEGER REFERENCES p (id) DEFERRABLE INITIALLY DEFERRED)").await.unwrap();
            let done: Result<(), TransactionError> = db
                .atomic(|| async {
                    insert(db, "a").await.unwrap();
                    db.execute("INSERT INTO c VALUES (1)").await.unwrap();
                    Ok(())
                })
                .await;
            let Err(TransactionError::Database(error)) = done else { panic!("{done:?}") };
            assert!(error.as_database_error().is_some_and(|error| error.is_foreign_key_violation()), "{error}");
            assert!(names(db).await.is_empty());
        }
        // The transaction is gone when it is to be rolled back: the error of the block stays.
        let gone = match db.dialect() {
            Dialect::Sqlite => "ROLLBACK",
            Dialect::MySql => "KILL CONNECTION_ID()",
            _ => "SELECT pg_terminate_backend(pg_backend_pid())",
        };
        let done: Outcome = db
            .atomic(|| async {
                insert(db, "b").await?;
                let _ = db.execute(gone).await;
                Err("first".into())
            })
            .await;
        assert_eq!(done.unwrap_err().to_string(), "first");
        // When it is to be committed, that is an error. Nothing is stored by accident in between.
        let done: Outcome = db
            .atomic(|| async {
                insert(db, "c").await?;
                let _ = db.execute(gone).await;
                assert!(insert(db, "d").await.is_err());
                Ok(())
            })
            .await;
        assert!(done.is_err());
        // SAVEPOINT and RELEASE, too.
        let done: Outcome = db
            .atomic(|| async {
                let inner: Outcome = db
                    .atomic(|| async {
                        let _ = db.execute(gone).await;
                        Ok(())
                    })
                    .await;
                assert!(inner.is_err());
                let inner: Outcome = db.atomic(|| async { Ok(()) }).await;
                assert!(inner.is_err());
                Err("last".into())
            })
            .await;
        assert_eq!(done.unwrap_err().to_string(), "last");
        assert!(names(db).await.is_empty());
        db.execute("DROP TABLE IF EXISTS c; DROP TABLE IF EXISTS p").await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn c50_hooks_run_when_the_transaction_is_stored() {
    on_each(|db| async move {
        let db = &db;
        let ran = Arc::new(AtomicUsize::new(0));
        let hook = |worth: usize| {
            let (ran, db) = (ran.clone(), db.clone());
            move || async move {
                assert!(!db.in_transaction());
                insert(&db, &format!("hook {worth}")).await.unwrap();
                ran.fetch_add(worth, Ordering::Relaxed);
            }
        };
        db.after_commit(hook(1)).await;
        assert_eq!(ran.swap(0, Ordering::Relaxed), 1);
        let done: Outcome = db
            .atomic(|| async {
                db.after_commit(hook(10)).await;
                let undone: Outcome = db
                    .atomic(|| async {
                        db.after_commit(hook(100)).await;
                        Err("no".into())
                    })
                    .await;
                assert!(undone.is_err());
                let kept: Outcome = db
                    .atomic(|| async {
                        db.after_commit(hook(1000)).await;
                        Ok(())
                    })
                    .await;
                kept?;
                assert_eq!(ran.load(Ordering::Relaxed), 0);
                Ok(())
            })
            .await;
        done.unwrap();
        assert_eq!(ran.swap(0, Ordering::Relaxed), 1010);
        let undone: Outcome = db
            .atomic(|| async {
                db.after_commit(hook(5)).await;
                Err("no".into())
            })
            .await;
        assert!(undone.is_err());
        let dropped = db.atomic(|| async {
            db.after_commit(hook(7)).await;
            std::future::pending::<Outcome>().await
        });
        assert!(timeout(SHORT, dropped).await.is_err());
        assert_eq!(ran.load(Ordering::Relaxed), 0);
    })
    .await;
}

#[test]
fn c51_how_a_transaction_begins() {
    let begin = |options: TxOptions| options.statement(Dialect::Postgres);
    let all = [
        (Isolation::ReadUncommitted, "READ UNCOMMITTED"),
        (Isolation::ReadCommitted, "READ COMMITTED"),
        (Isolation::RepeatableRead, "REPEATABLE READ"),
        (Isolation::Serializable, "SERIALIZABLE"),
    ];
    assert_eq!(begin(TxOptions::new()), "BEGIN");
    assert_eq!(begin(TxOptions::new().read_only()), "BEGIN READ ONLY");
    assert_eq!(begin(TxOptions::new().deferrable()), "BEGIN DEFERRABLE");
    for (isolation, text) in all {
        let options = TxOptions::new().isolation(isolation);
        assert_eq!(begin(options), format!("BEGIN ISOLATION LEVEL {text}"));
        assert_eq!(begin(options.read_only()), format!("BEGIN ISOLATION LEVEL {text} READ ONLY"));
        assert_eq!(
            begin(options.read_only().deferrable()),
            format!("BEGIN ISOLATION LEVEL {text} READ ONLY DEFERRABLE")
        );
    }
    let options = TxOptions::new().isolation(Isolation::Serializable).read_only();
    assert_eq!(TxOptions::new().statement(Dialect::MySql), "START TRANSACTION");
    let text = "SET TRANSACTION ISOLATION LEVEL SERIALIZABLE; START TRANSACTION READ ONLY";
    assert_eq!(options.statement(Dialect::MySql), text);
    assert_eq!(TxOptions::new().statement(Dialect::Sqlite), "BEGIN IMMEDIATE");
    assert_eq!(TxOptions::new().read_only().deferrable().statement(Dialect::Sqlite), "BEGIN DEFERRED");
}

#[tokio::test]
async fn c51_a_read_only_transaction_refuses_to_write() {
    on_each(|db| async move {
        let db = &db;
        insert(db, "a").await.unwrap();
        let options = TxOptions::new().read_only().isolation(Isolation::Serializable).deferrable();
        let read: Outcome = db
            .atomic_with(options, || async {
                assert_eq!(names(db).await, ["a"]);
                insert(db, "b").await
            })
            .await;
        assert!(read.is_err());
        let dropped = db.atomic_with(options, std::future::pending::<Outcome>);
        assert!(timeout(SHORT, dropped).await.is_err());
        let nested: Outcome = db
            .atomic(|| async {
                let nested: Result<(), TransactionError> = db.atomic_with(options, || async { Ok(()) }).await;
                assert!(matches!(nested, Err(TransactionError::OptionsOfNested)));
                insert(db, "c").await
            })
            .await;
        nested.unwrap();
        assert_eq!(names(db).await, ["a", "c"]);
    })
    .await;
}

#[tokio::test]
async fn c54_nothing_remains_of_a_scope_for_tests() {
    on_each(|db| async move {
        let db = &db;
        insert(db, "a").await.unwrap();
        let answer = db
            .rollback_scope(|| async {
                insert(db, "b").await.unwrap();
                let inner: Outcome = db.transaction(|| async { insert(db, "c").await }).await;
                inner.unwrap();
                let mut tx = db.begin().await.unwrap();
                tx.execute("INSERT INTO m VALUES ('d')").await.unwrap();
                tx.commit().await.unwrap();
                let failed: Outcome = db.atomic(|| async { insert(db, "a").await }).await;
                assert!(failed.is_err());
                db.after_commit(|| async { panic!("never") }).await;
                names(db).await
            })
            .await;
        assert_eq!(answer.unwrap(), ["a", "b", "c", "d"]);
        assert_eq!(names(db).await, ["a"]);
    })
    .await;
}

#[tokio::test]
async fn c35_a_pool_that_is_closed_meanwhile_loses_no_half() {
    let folder = Folder::new();
    let mut urls = vec![folder.sqlite()];
    urls.extend(postgres_url().await.map(|(url, _)| url));
    urls.extend(mariadb_url().await);
    for url in urls {
        let db = Db::connect(&url).await.unwrap();
        prepare(&db).await;
        let mut closing = None;
        let done: Outcome = db
            .atomic(|| async {
                insert(&db, "a").await?;
                let other = db.clone();
                closing = Some(tokio::spawn(async move { other.close().await }));
                tokio::time::sleep(SHORT).await;
                insert(&db, "b").await
            })
            .await;
        timeout(LONG, closing.unwrap()).await.expect("it closes").unwrap();
        let refused: Outcome = db.atomic(|| async { Ok(()) }).await;
        assert!(refused.is_err());
        let again = Db::connect(&url).await.unwrap();
        assert_eq!(names(&again).await.len(), if done.is_ok() { 2 } else { 0 });
        again.close().await;
    }
}
