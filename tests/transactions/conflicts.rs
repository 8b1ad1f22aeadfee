//! Transactions that the database refuses for what others did at the same time.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use futures::future::join_all;
use hiku::prelude::*;
use hiku::sql::{Dialect, Isolation, TransactionError, TxOptions};
use hiku::sqlx;
use tokio::sync::Barrier;
use tokio::time::timeout;

use super::support::{LONG, Outcome, assert_none_lost, insert, names, on_each, on_each_of_many};

type Tried<T = ()> = std::result::Result<T, TransactionError>;

async fn accounts(db: &Db) {
    let _ = db.execute("DROP TABLE account").await;
    db.execute("CREATE TABLE account (id BIGINT PRIMARY KEY, money BIGINT NOT NULL)").await.unwrap();
    db.execute("INSERT INTO account VALUES (1, 0), (2, 0)").await.unwrap();
}

async fn money(db: &Db, account: u32) -> Tried<i64> {
    let text = sqlx::AssertSqlSafe(format!("SELECT money FROM account WHERE id = {account}"));
    let mut conn = db.conn().await?;
    Ok(match db.dialect() {
        Dialect::Sqlite => sqlx::query_scalar(text).fetch_one(conn.sqlite()?).await?,
        Dialect::MySql => sqlx::query_scalar(text).fetch_one(conn.mysql()?).await?,
        _ => sqlx::query_scalar(text).fetch_one(conn.postgres()?).await?,
    })
}

async fn set(db: &Db, account: u32, money: &str) -> Tried {
    db.conn().await?.execute(format!("UPDATE account SET money = {money} WHERE id = {account}")).await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn c38_a_deadlock_is_tried_again_when_asked() {
    on_each_of_many(|db| async move {
        accounts(&db).await;
        for again in [false, true] {
            // Both have their first account before either asks for its second one; on SQLite there is one writer.
            let barrier = Arc::new(Barrier::new(2));
            let met = Arc::new(AtomicU32::new(0));
            let both = [(1, 2), (2, 1)].map(|(first, second)| {
                let (db, barrier, met) = (db.clone(), barrier.clone(), met.clone());
                tokio::spawn(async move {
                    let work = async || {
                        set(&db, first, "money + 1").await?;
                        if db.dialect() != Dialect::Sqlite && met.fetch_add(1, Ordering::SeqCst) < 2 {
                            barrier.wait().await;
                        }
                        set(&db, second, "money + 1").await
                    };
                    let tries = if again { 5 } else { 1 };
                    db.atomic_retry(tries, TxOptions::new(), work).await
                })
            });
            let both = timeout(LONG, join_all(both)).await.expect("a deadlock that nobody sees");
            let failed: Vec<TransactionError> = both.into_iter().filter_map(|done| done.unwrap().err()).collect();
            let expected = usize::from(!again && db.dialect() != Dialect::Sqlite);
            assert_eq!(failed.len(), expected, "{failed:?}");
            assert!(failed.iter().all(TransactionError::is_conflict));
        }
        let stored = if db.dialect() != Dialect::Sqlite { 3 } else { 4 };
        assert_eq!((money(&db, 1).await.unwrap(), money(&db, 2).await.unwrap()), (stored, stored));
        assert_none_lost(&db).await;
        db.execute("DROP TABLE account").await.unwrap();
    })
    .await;
}

#[node(table = "account")]
struct Account {
    #[key]
    id: i64,
    money: i64,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn c38_a_deadlock_of_models_is_tried_again_when_asked() {
    on_each_of_many(|db| async move {
        accounts(&db).await;
        let barrier = Arc::new(Barrier::new(2));
        let (met, tries) = (Arc::new(AtomicU32::new(0)), Arc::new(AtomicU32::new(0)));
        let both = [(1, 2), (2, 1)].map(|(first, second)| {
            let (db, barrier, met, tries) = (db.clone(), barrier.clone(), met.clone(), tries.clone());
            tokio::spawn(async move {
                let more = |id: i64| {
                    let more = [Account::COLUMNS.money.plus(1)];
                    Account::update(&db, more).filter(Account::COLUMNS.id.eq(id))
                };
                let work = async || {
                    tries.fetch_add(1, Ordering::SeqCst);
                    more(first).await?;
                    if db.dialect() != Dialect::Sqlite && met.fetch_add(1, Ordering::SeqCst) < 2 {
                        barrier.wait().await;
                    }
                    more(second).await
                };
                let done: hiku::Result<u64> = db.atomic_retry(5, TxOptions::new(), work).await;
                done
            })
        });
        for done in timeout(LONG, join_all(both)).await.expect("a deadlock that nobody sees") {
            assert_eq!(done.unwrap().unwrap(), 1);
        }
        // A retry can meet a further conflict; on SQLite one waits for the other.
        match (db.dialect(), tries.load(Ordering::SeqCst)) {
            (Dialect::Sqlite, tries) => assert_eq!(tries, 2),
            (_, tries) => assert!(tries > 2, "nobody was in anybody's way"),
        }
        assert_eq!((money(&db, 1).await.unwrap(), money(&db, 2).await.unwrap()), (2, 2));
        db.execute("DROP TABLE account").await.unwrap();
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn c38_serialisation_failures_are_tried_again_when_asked() {
    on_each_of_many(|db| async move {
        accounts(&db).await;
        let options = TxOptions::new().isolation(Isolation::Serializable);
        let tries = Arc::new(AtomicU32::new(0));
        let all = (0..6).map(|_| {
            let (db, tries) = (db.clone(), tries.clone());
            tokio::spawn(async move {
                for _ in 0..5 {
                    let work = async || {
                        tries.fetch_add(1, Ordering::SeqCst);
                        let sum = money(&db, 1).await? + money(&db, 2).await?;
                        tokio::time::sleep(Duration::from_millis(1)).await;
                        set(&db, 1, &(sum + 1).to_string()).await?;
                        Ok(())
                    };
                    let done: Tried = db.atomic_retry(1000, options, work).await;
                    done.unwrap();
                }
            })
        });
        for done in timeout(LONG, join_all(all)).await.expect("it is tried for ever") {
            done.unwrap();
        }
        assert_eq!(money(&db, 1).await.unwrap(), 30, "each has seen those before it");
        assert!(tries.load(Ordering::SeqCst) >= 30);
        if db.dialect() != Dialect::Sqlite {
            assert!(tries.load(Ordering::SeqCst) > 30, "nobody was in anybody's way");
        }
        db.execute("DROP TABLE account").await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn c38_other_errors_are_not_tried_again() {
    on_each(|db| async move {
        let db = &db;
        insert(db, "a").await.unwrap();
        let tries = &AtomicU32::new(0);
        let violated: Outcome = db
            .atomic_retry(5, TxOptions::new(), || async {
                tries.fetch_add(1, Ordering::SeqCst);
                insert(db, "b").await?;
                insert(db, "a").await
            })
            .await;
        assert!(violated.is_err());
        assert_eq!(tries.load(Ordering::SeqCst), 1);
        // Of three kinds of errors, and at most so many times.
        let conflict = || match db.dialect() {
            Dialect::Sqlite => TransactionError::AlreadyInTransaction,
            _ => TransactionError::OptionsOfNested,
        };
        assert!(!conflict().is_conflict());
        if db.dialect() == Dialect::Postgres {
            const REFUSE: &str = "DO $$ BEGIN RAISE EXCEPTION 'no' USING ERRCODE = '40001'; END $$";
            let count = || tries.swap(0, Ordering::SeqCst);
            count();
            let done: Result<()> = db
                .atomic_retry(3, TxOptions::new(), || async {
                    tries.fetch_add(1, Ordering::SeqCst);
                    db.execute(REFUSE).await?;
                    Ok(())
                })
                .await;
            assert!(done.is_err());
            assert_eq!(count(), 3);
            let done: Outcome = db
                .atomic_retry(3, TxOptions::new(), || async {
                    tries.fetch_add(1, Ordering::SeqCst);
                    let mut conn = db.conn().await?;
                    sqlx::raw_sql(REFUSE).execute(conn.postgres()?).await?;
                    Ok(())
                })
                .await;
            assert!(done.is_err());
            assert_eq!(count(), 3);
        }
        // There is nothing to begin again inside a transaction; in a test that undoes all, it does not know of that.
        let inside: Tried = db
            .atomic(|| async {
                let inner: Tried = db.atomic_retry(3, TxOptions::new(), || async { Ok(()) }).await;
                assert!(matches!(inner, Err(TransactionError::AlreadyInTransaction)));
                Ok(())
            })
            .await;
        inside.unwrap();
        db.rollback_scope(|| async {
            let options = TxOptions::new().isolation(Isolation::Serializable);
            let done: Outcome = db.atomic_retry(3, options, || async { insert(db, "c").await }).await;
            done.unwrap();
        })
        .await
        .unwrap();
        assert_eq!(names(db).await, ["a"]);
    })
    .await;
}
