//! Futures of transactions that are dropped.

use std::time::{Duration, Instant};

use hiku::prelude::*;
use hiku::sql::{Dialect, TransactionError};
use tokio::time::timeout;

use super::databases::Folder;
use super::fixture::enterprise;
use super::support::{
    LONG, Outcome, assert_none_lost, insert, names, on_each, polled, pools_of_one, prepare, sleep_on_server,
};

const SHORT: Duration = Duration::from_millis(40);

#[tokio::test]
async fn c44_a_timeout_around_the_whole_the_nested_and_a_statement() {
    on_each(|db| async move {
        let db = &db;
        let forever = || std::future::pending::<Outcome>();
        let whole = db.atomic(|| async {
            insert(db, "a").await?;
            forever().await
        });
        assert!(timeout(SHORT, whole).await.is_err());
        let statement = db.atomic(|| async {
            insert(db, "b").await?;
            sleep_on_server(db, 5000).await
        });
        assert!(timeout(SHORT, statement).await.is_err());
        assert!(names(db).await.is_empty());
        let outer: Outcome = db
            .atomic(|| async {
                insert(db, "c").await?;
                let nested = db.atomic(|| async {
                    insert(db, "d").await?;
                    db.atomic(|| async {
                        insert(db, "e").await?;
                        forever().await
                    })
                    .await
                });
                assert!(timeout(SHORT, nested).await.is_err());
                assert_eq!(names(db).await, ["c"]);
                let nested = db.atomic(|| async {
                    insert(db, "f").await?;
                    sleep_on_server(db, 5000).await
                });
                assert!(timeout(SHORT, nested).await.is_err());
                insert(db, "g").await
            })
            .await;
        outer.unwrap();
        assert_eq!(names(db).await, ["c", "g"], "{db:?}");
    })
    .await;
}

#[tokio::test]
async fn c45_begin_can_be_dropped_at_any_point() {
    for db in pools_of_one(LONG).await {
        for round in 0..500 {
            let begun = polled(db.begin(), round % 12).await;
            if let Some(tx) = begun {
                tx.unwrap().rollback().await.unwrap();
            }
        }
        insert(&db, "a").await.unwrap();
        assert_none_lost(&db).await;
        assert_eq!(names(&db).await, ["a"], "it was stored, not left in a transaction");
        for round in 0..500 {
            let _ = polled(db.begin(), round % 7).await;
        }
        insert(&db, "b").await.unwrap();
        assert_none_lost(&db).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn c44_everything_can_be_dropped_at_any_point() {
    on_each(|db| async move {
        let db = &db;
        let mut stored = 0;
        for round in 0..150 {
            let whole = db.atomic(|| async {
                insert(db, &format!("a{round}")).await?;
                let inner: Outcome = db.atomic(|| async { insert(db, &format!("b{round}")).await }).await;
                inner?;
                let failed: Outcome = db
                    .atomic(|| async {
                        insert(db, &format!("c{round}")).await?;
                        Err("no".into())
                    })
                    .await;
                assert_eq!(failed.unwrap_err().to_string(), "no");
                insert(db, &format!("d{round}")).await
            });
            if let Some(done) = polled(whole, round % 50).await {
                done.unwrap();
                stored += 1;
            }
        }
        // Whoever is dropped while the transaction is stored does not know whether it is; but it is as a whole.
        let names = names(db).await;
        assert_eq!(names.len() % 3, 0);
        assert!(names.len() >= 3 * stored, "{} of {stored}", names.len());
        // The same for what is inside: the outer one goes on.
        prepare(db).await;
        for round in 0..100 {
            let outer: Outcome = db
                .atomic(|| async {
                    insert(db, &format!("o{round}")).await?;
                    let inner = db.atomic(|| async {
                        insert(db, &format!("i{round}")).await?;
                        if round % 2 == 0 { Err("no".into()) } else { Outcome::Ok(()) }
                    });
                    let _ = polled(inner, round % 25).await;
                    insert(db, &format!("p{round}")).await
                })
                .await;
            outer.unwrap();
        }
        let names = super::support::names(db).await;
        assert_eq!(names.iter().filter(|name| !name.starts_with('i')).count(), 200);
        assert!(names.iter().all(|name| !name.starts_with('i') || name[1..].parse::<u32>().unwrap() % 2 == 1));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn c48_a_request_in_a_transaction_can_be_dropped() {
    on_each(|db| async move {
        let engine = enterprise(db.clone()).await;
        const ASK: &str = "{ characters { name actors { name movies { title } } } actors { id } }";
        let all = engine.execute(ASK).await.to_value();
        for round in 0..60 {
            let done: Outcome = db
                .atomic(|| async {
                    let _ = polled(engine.execute(ASK), round % 15).await;
                    assert_eq!(engine.execute(ASK).await.to_value(), all);
                    Ok(())
                })
                .await;
            done.unwrap();
            let whole = db.atomic(|| async {
                engine.execute(ASK).await;
                Outcome::Ok(())
            });
            let _ = polled(whole, round % 30).await;
        }
        hiku::sql::drop_tables::<super::fixture::Query>(&db).await.unwrap();
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn c52_writers_of_sqlite_wait_for_each_other() {
    let folder = Folder::new();
    let db = Db::connect(&folder.sqlite()).await.unwrap();
    prepare(&db).await;
    let tasks: Vec<_> = (0..8)
        .map(|at| {
            let db = db.clone();
            tokio::spawn(async move {
                let done: Outcome = db
                    .atomic(|| async {
                        let seen = names(&db).await.len();
                        tokio::time::sleep(Duration::from_millis(5)).await;
                        assert_eq!(names(&db).await.len(), seen);
                        insert(&db, &format!("{at}")).await
                    })
                    .await;
                done
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap().unwrap();
    }
    assert_eq!(names(&db).await.len(), 8);
    assert_none_lost(&db).await;
    db.close().await;
}

#[tokio::test]
async fn c31_connections_that_the_server_ended_are_replaced() {
    for db in pools_of_one(LONG).await.into_iter().filter(|db| db.dialect() == Dialect::Postgres) {
        let end = "SELECT pg_terminate_backend(pg_backend_pid())";
        assert!(db.execute(end).await.is_err());
        db.atomic(|| async { insert(&db, "a").await }).await.unwrap();
        // While it is idle.
        let process: i32 = {
            let mut conn = db.conn().await.unwrap();
            hiku::sqlx::query_scalar("SELECT pg_backend_pid()").fetch_one(conn.postgres().unwrap()).await.unwrap()
        };
        let admin = Db::connect(&std::env::var("HIKU_TEST_POSTGRES").unwrap()).await.unwrap();
        admin.execute_raw(format!("SELECT pg_terminate_backend({process})")).await.unwrap();
        tokio::time::sleep(SHORT).await;
        let done: Outcome = db.atomic(|| async { insert(&db, "b").await }).await;
        done.unwrap();
        // In a transaction, that is the end of it.
        let done: Result<(), TransactionError> = db
            .atomic(|| async {
                assert!(db.execute(end).await.is_err());
                Ok(())
            })
            .await;
        assert!(done.is_err());
        assert_eq!(names(&db).await, ["a", "b"]);
        assert_none_lost(&db).await;
        admin.close().await;
    }
}

#[tokio::test]
async fn c52_the_connection_is_free_soon() {
    on_each(|db| async move {
        let whole = db.atomic(|| async {
            insert(&db, "a").await?;
            std::future::pending::<Outcome>().await
        });
        assert!(timeout(SHORT, whole).await.is_err());
        let since = Instant::now();
        db.atomic(|| async { insert(&db, "a").await }).await.unwrap();
        assert!(since.elapsed() < Duration::from_secs(5));
    })
    .await;
}
