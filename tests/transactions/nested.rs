//! Scopes in scopes, and beside each other.

use futures::future::join_all;
use futures::join;
use hiku::prelude::*;
use hiku::sql::TransactionError;

use super::databases::{mariadb_url, postgres_url, sqlite};
use super::support::{Outcome, insert, names, on_each, on_each_of_many, pools_of_one, prepare, transaction_error};

#[tokio::test]
async fn c39_a_failed_savepoint_is_undone_alone() {
    on_each(|db| async move {
        let db = &db;
        let done: Outcome = db
            .atomic(|| async {
                insert(db, "a").await?;
                let inner: Outcome = db
                    .atomic(|| async {
                        insert(db, "b").await?;
                        insert(db, "a").await?;
                        Ok(())
                    })
                    .await;
                assert!(inner.is_err());
                insert(db, "c").await?;
                // Three deep, the middle one fails.
                let middle: Outcome = db
                    .atomic(|| async {
                        insert(db, "d").await?;
                        db.atomic(|| async { insert(db, "e").await }).await?;
                        assert_eq!(names(db).await, ["a", "c", "d", "e"]);
                        Err("the middle".into())
                    })
                    .await;
                assert_eq!(middle.unwrap_err().to_string(), "the middle");
                insert(db, "f").await
            })
            .await;
        done.unwrap();
        assert_eq!(names(db).await, ["a", "c", "f"]);
    })
    .await;
}

fn deeper(db: &Db, left: usize) -> futures::future::BoxFuture<'_, Outcome> {
    Box::pin(async move {
        insert(db, &format!("{left:02}")).await?;
        if left == 0 {
            return Ok(());
        }
        db.atomic(|| deeper(db, left - 1)).await
    })
}

#[tokio::test]
async fn c39_fifty_deep_and_a_thousand_failures() {
    on_each(|db| async move {
        db.atomic(|| deeper(&db, 50)).await.unwrap();
        assert_eq!(names(&db).await.len(), 51);
        let done: Outcome = db
            .atomic(|| async {
                for _ in 0..1000 {
                    let failed: Outcome = db.atomic(|| async { Err("no".into()) }).await;
                    assert!(failed.is_err());
                }
                insert(&db, "last").await
            })
            .await;
        done.unwrap();
        assert_eq!(names(&db).await.len(), 52);
    })
    .await;
}

#[tokio::test]
async fn c40_a_transaction_in_a_transaction_is_an_error() {
    on_each(|db| async move {
        let db = &db;
        let outer: Result<()> = db
            .transaction(|| async {
                db.execute("INSERT INTO m VALUES ('a')").await?;
                db.transaction(|| async { Ok(()) }).await
            })
            .await;
        let error = outer.unwrap_err();
        assert!(matches!(transaction_error(&error), Some(TransactionError::AlreadyInTransaction)), "{error}");
        assert!(names(db).await.is_empty());
        let outer: Outcome = db
            .atomic(|| async {
                insert(db, "b").await?;
                let inner: Result<(), TransactionError> = db.transaction(|| async { Ok(()) }).await;
                assert!(matches!(inner, Err(TransactionError::AlreadyInTransaction)));
                assert!(matches!(db.begin().await, Err(TransactionError::AlreadyInTransaction)));
                insert(db, "c").await
            })
            .await;
        outer.unwrap();
        assert_eq!(names(db).await, ["b", "c"]);
    })
    .await;
}

#[tokio::test]
async fn c41_a_spawned_task_is_outside() {
    on_each_of_many(|db| async move {
        let outer: Outcome = db
            .atomic(|| async {
                assert!(db.in_transaction());
                // SQLite has one writer, so the other one goes first.
                let other = db.clone();
                let seen = tokio::spawn(async move {
                    assert!(!other.in_transaction());
                    names(&other).await
                });
                insert(&db, "a").await?;
                assert_eq!(names(&db).await, ["a"]);
                assert!(seen.await?.is_empty());
                let other = db.clone();
                if db.sqlite().is_none() {
                    tokio::spawn(async move { insert(&other, "s").await }).await??;
                }
                Err("undone".into())
            })
            .await;
        assert_eq!(outer.unwrap_err().to_string(), "undone");
        assert_eq!(names(&db).await.len(), usize::from(db.sqlite().is_none()));
        assert!(!db.in_transaction());
    })
    .await;
}

#[tokio::test]
async fn c42_a_task_spawned_in_the_scope_is_inside() {
    on_each(|db| async move {
        let outer: Outcome = db
            .atomic(|| async {
                let other = db.clone();
                db.spawn_in_scope(async move {
                    assert!(other.in_transaction());
                    insert(&other, "a").await
                })
                .await??;
                assert_eq!(names(&db).await, ["a"]);
                Err("undone".into())
            })
            .await;
        assert!(outer.is_err());
        assert!(names(&db).await.is_empty());
        // One that outlives it never writes on its own.
        for fails in [false, true] {
            let (tell, told) = tokio::sync::oneshot::channel::<()>();
            let mut late = None;
            let outer: Outcome = db
                .atomic(|| async {
                    let other = db.clone();
                    late = Some(db.spawn_in_scope(async move {
                        told.await.unwrap();
                        assert!(!other.in_transaction());
                        let nested: Result<(), TransactionError> = other.atomic(|| async { Ok(()) }).await;
                        assert!(matches!(nested, Err(TransactionError::ScopeClosed)));
                        other.execute("INSERT INTO m VALUES ('late')").await
                    }));
                    if fails { Err("undone".into()) } else { Ok(()) }
                })
                .await;
            assert_eq!(outer.is_err(), fails);
            tell.send(()).unwrap();
            let error = late.unwrap().await.unwrap().unwrap_err();
            assert!(matches!(transaction_error(&error), Some(TransactionError::ScopeClosed)), "{error}");
        }
        assert!(names(&db).await.is_empty());
    })
    .await;
}

#[tokio::test]
async fn c43_statements_and_scopes_take_turns() {
    on_each(|db| async move {
        let db = &db;
        let done: Outcome = db
            .atomic(|| async {
                for result in join_all((0..20).map(|at| async move { insert(db, &format!("s{at:02}")).await })).await {
                    result?;
                }
                let scope = |at: usize| {
                    db.atomic(move || async move {
                        insert(db, &format!("n{at}")).await?;
                        tokio::task::yield_now().await;
                        insert(db, &format!("o{at}")).await?;
                        if at == 1 { Err("the one".into()) } else { Outcome::Ok(()) }
                    })
                };
                let (a, b, c, beside) = join!(scope(0), scope(1), scope(2), insert(db, "z"));
                assert!(a.is_ok() && b.is_err() && c.is_ok() && beside.is_ok());
                Ok(())
            })
            .await;
        done.unwrap();
        let names = names(db).await;
        assert_eq!(names[..4], ["n0", "n2", "o0", "o2"]);
        assert_eq!(names.len(), 25);
    })
    .await;
}

#[tokio::test]
async fn c47_databases_are_told_apart_by_their_pools() {
    let mut others = vec![sqlite().await];
    if let Some((url, _)) = postgres_url().await {
        others.push(Db::connect(&url).await.unwrap());
    }
    if let Some(url) = mariadb_url().await {
        others.push(Db::connect(&url).await.unwrap());
    }
    for other in &others {
        prepare(other).await;
        on_each(|db| async move {
            prepare(other).await;
            // Another handle on the same pool.
            let same = match (db.sqlite(), db.postgres(), db.mysql()) {
                (Some(pool), ..) => Db::from(pool.clone()),
                (_, Some(pool), _) => Db::from(pool.clone()),
                (.., Some(pool)) => Db::from(pool.clone()),
                _ => unreachable!(),
            };
            let outer: Outcome = db
                .atomic(|| async {
                    assert!(same.in_transaction() && !other.in_transaction());
                    insert(&same, "a").await?;
                    let inner: Outcome = other
                        .atomic(|| async {
                            insert(other, "x").await?;
                            assert!(db.in_transaction());
                            same.atomic(|| async { insert(&db, "b").await }).await
                        })
                        .await;
                    inner?;
                    assert_eq!(names(&db).await, ["a", "b"]);
                    Err("undone".into())
                })
                .await;
            assert_eq!(outer.unwrap_err().to_string(), "undone");
            assert!(names(&db).await.is_empty());
            assert_eq!(names(other).await, ["x"]);
        })
        .await;
    }
}

#[tokio::test]
async fn c49_a_pool_of_one() {
    for db in pools_of_one(std::time::Duration::from_secs(1)).await {
        let done: Outcome = db
            .atomic(|| async {
                insert(&db, "a").await?;
                db.atomic(|| async { insert(&db, "b").await }).await?;
                let other = db.clone();
                let error = tokio::spawn(async move { other.execute("DELETE FROM m").await }).await?.unwrap_err();
                let Some(TransactionError::NoConnection { transactions }) = transaction_error(&error) else {
                    panic!("{error}");
                };
                assert!(transactions.contains(file!()) && transactions.contains("outside"), "{transactions}");
                Ok(())
            })
            .await;
        done.unwrap();
        assert_eq!(names(&db).await, ["a", "b"]);
        super::support::assert_none_lost(&db).await;
    }
}
