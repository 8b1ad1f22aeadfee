//! What breaks from outside: connections, servers, disks.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use futures::future::join_all;
use hiku::prelude::*;
use tokio::time::{sleep, timeout};

use super::databases::Folder;
use super::fixture::enterprise;
use super::proxy::{Proxy, Way};
use super::support::{LONG, Outcome, assert_none_lost, insert, names, polled, pools_of_one, prepare, sleep_on_server};

/// Pools through a proxy, and such that go directly to the same databases.
async fn through_proxies(max: u32) -> Vec<(Proxy, Db, Db)> {
    let mut all = Vec::new();
    for proxy in Proxy::before_each().await {
        let db = Db::builder(&proxy.url).max(max).connect().await.unwrap();
        prepare(&db).await;
        let direct = Db::connect(&proxy.direct).await.unwrap();
        all.push((proxy, db, direct));
    }
    all
}

/// Idle connections that were cut are replaced by whoever asks through hiku, not by the pool itself.
async fn replace_cut(db: &Db) {
    let all = (0..db.stats().max).map(|_| db.conn());
    drop(join_all(all).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn c46_a_connection_that_is_cut_anywhere_loses_nothing() {
    for (proxy, db, direct) in through_proxies(1).await {
        let (mut stored, mut failed) = (0, 0);
        for round in 0..60 {
            db.execute("SELECT 1").await.unwrap();
            let cut = sleep(Duration::from_micros(round * 100));
            let work: std::pin::Pin<Box<dyn Future<Output = Outcome> + Send>> = Box::pin(db.atomic(|| async {
                insert(&db, &format!("a{round}")).await?;
                let nested: Outcome = db.atomic(|| async { insert(&db, &format!("b{round}")).await }).await;
                nested?;
                sleep_on_server(&db, 1).await?;
                insert(&db, &format!("c{round}")).await
            }));
            let cutting = async {
                cut.await;
                proxy.cut().await;
            };
            let (done, ()) = timeout(LONG, futures::future::join(work, cutting)).await.expect("it waits for ever");
            match done {
                Ok(()) => stored += 1,
                Err(_) => failed += 1,
            }
        }
        assert!(failed > 0, "{stored} of 60 were stored: nothing was cut");
        // Whoever was cut while it was stored does not know whether it is; but it is as a whole.
        let names = names(&direct).await;
        assert_eq!(names.len() % 3, 0);
        assert!(names.len() >= 3 * stored);
        replace_cut(&db).await;
        assert_none_lost(&db).await;
        assert_none_lost(&direct).await;
        db.close().await;
        direct.close().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn c46_an_answer_that_is_cut_after_any_byte_loses_nothing() {
    for (proxy, db, direct) in through_proxies(2).await {
        let mut failed = 0;
        for bytes in (1..900).step_by(23) {
            // Connections count their bytes from their beginning: this one is new.
            proxy.cut().await;
            db.execute("SELECT 1").await.unwrap();
            proxy.way.send_replace(Way::CutAfter(600 + bytes));
            let done: Outcome = timeout(
                LONG,
                db.atomic(|| async {
                    insert(&db, &format!("a{bytes}")).await?;
                    names(&direct).await;
                    // Enough to be cut in.
                    for _ in 0..4 {
                        db.execute("SELECT repeat('x', 200)").await.map_err(|error| error.to_string())?;
                    }
                    insert(&db, &format!("b{bytes}")).await
                }),
            )
            .await
            .expect("it waits for ever");
            failed += u32::from(done.is_err());
            proxy.way.send_replace(Way::Through);
        }
        assert!(failed > 0, "nothing was cut");
        assert_eq!(names(&direct).await.len() % 2, 0);
        replace_cut(&db).await;
        assert_none_lost(&db).await;
        assert_none_lost(&direct).await;
        db.close().await;
        direct.close().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn c31_a_server_that_comes_back_is_used_again() {
    for (proxy, db, direct) in through_proxies(3).await {
        for round in 0..3 {
            let working = Arc::new(AtomicU32::new(0));
            let all = (0..6).map(|at| {
                let (db, working) = (db.clone(), working.clone());
                tokio::spawn(async move {
                    let done: Outcome = db
                        .atomic(|| async {
                            insert(&db, &format!("{round} {at}")).await?;
                            working.fetch_add(1, Ordering::SeqCst);
                            sleep_on_server(&db, 200).await?;
                            Ok(())
                        })
                        .await;
                    done
                })
            });
            let all: Vec<_> = all.collect();
            while working.load(Ordering::SeqCst) == 0 {
                sleep(Duration::from_millis(1)).await;
            }
            proxy.way.send_replace(Way::Down);
            sleep(Duration::from_millis(100)).await;
            proxy.way.send_replace(Way::Through);
            let all = timeout(LONG, join_all(all)).await.expect("they wait for ever");
            let stored = all.into_iter().filter(|done| done.as_ref().unwrap().is_ok()).count();
            assert!(stored < 6, "those that ran when it went are lost");
            assert!(names(&direct).await.len() >= stored);
            direct.execute("DELETE FROM m").await.unwrap();
            let done: Outcome = db.atomic(|| async { insert(&db, "back").await }).await;
            done.unwrap();
            direct.execute("DELETE FROM m").await.unwrap();
        }
        replace_cut(&db).await;
        assert_none_lost(&db).await;
        assert_none_lost(&direct).await;
        db.close().await;
        direct.close().await;
    }
}

#[tokio::test]
async fn c46_a_full_disk_stores_all_or_nothing() {
    let folder = Folder::new();
    let db = Db::builder(&folder.sqlite()).max(1).on_connect("PRAGMA max_page_count = 30").connect().await.unwrap();
    prepare(&db).await;
    let mut errors = 0;
    for round in 0..60 {
        // The error is passed on, or not.
        let passes = round % 2 == 0;
        let done: Outcome = db
            .atomic(|| async {
                insert(&db, &format!("a{round}")).await?;
                let large = format!("INSERT INTO m (text) VALUES ('b{round}' || hex(randomblob(8000)))");
                let written = db.execute_raw(large).await;
                errors += u32::from(written.is_err());
                if passes {
                    written.map_err(|error| error.to_string())?;
                }
                insert(&db, &format!("c{round}")).await
            })
            .await;
        let names = names(&db).await;
        let has = |what: &str| names.iter().any(|name| *name == format!("{what}{round}"));
        assert_eq!((has("a"), has("c")), (done.is_ok(), done.is_ok()), "{done:?}");
        if errors > 5 {
            db.execute("DELETE FROM m").await.unwrap();
            errors = 1;
        }
    }
    assert!(errors > 0, "the disk was never full");
    assert_none_lost(&db).await;
    db.close().await;
}

/// Whatever is asked at once, nobody holds a connection while waiting for another.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn c49_requests_and_transactions_on_pools_of_one_and_two_never_wait_for_each_other() {
    let folder = Folder::new();
    let mut all = pools_of_one(LONG).await;
    all.push(Db::builder(&folder.sqlite()).max(2).acquire_timeout(LONG).connect().await.unwrap());
    if let Some((url, _)) = super::databases::postgres_url().await {
        all.push(Db::builder(&url).max(2).acquire_timeout(LONG).connect().await.unwrap());
    }
    if let Some(url) = super::databases::mariadb_url().await {
        all.push(Db::builder(&url).max(2).acquire_timeout(LONG).connect().await.unwrap());
    }
    for db in all {
        prepare(&db).await;
        let engine = enterprise(db.clone()).await;
        const ASK: &str = "{ characters { name actors { name movies { title } } } actors { id } movies { id } }";
        let want = engine.execute(ASK).await.to_value();
        let asks = (0..200_usize).map(|at| {
            let (db, engine, want) = (db.clone(), engine.clone(), want.clone());
            tokio::spawn(async move {
                match at % 5 {
                    0 => assert_eq!(engine.execute(ASK).await.to_value(), want),
                    1 => assert_eq!(engine.execute(Request::new(ASK).snapshot()).await.to_value(), want),
                    2 => {
                        let done: Outcome = db
                            .atomic(|| async {
                                insert(&db, &format!("{at}")).await?;
                                let (one, two) = futures::join!(engine.execute(ASK), engine.execute(ASK));
                                assert_eq!((one.to_value(), two.to_value()), (want.clone(), want.clone()));
                                let again = db.clone();
                                db.after_commit(
                                    move || async move { insert(&again, &format!("{at}!")).await.unwrap() },
                                )
                                .await;
                                Ok(())
                            })
                            .await;
                        done.unwrap();
                    }
                    3 => {
                        let _ = polled(engine.execute(ASK), at % 13).await;
                    }
                    _ => {
                        let _ = polled(db.atomic(|| async { insert(&db, &format!("{at}?")).await }), at % 17).await;
                    }
                }
            })
        });
        for done in timeout(Duration::from_secs(60), join_all(asks)).await.expect("a deadlock") {
            done.unwrap();
        }
        assert_eq!(names(&db).await.iter().filter(|name| name.ends_with('!')).count(), 40);
        assert_none_lost(&db).await;
        hiku::sql::drop_tables::<super::fixture::Query>(&db).await.unwrap();
        db.close().await;
    }
}
