//! Money is neither made nor lost.

use std::time::Duration;

use futures::future::join_all;
use hiku::prelude::*;
use hiku::sqlx;
use tokio::time::timeout;

use super::support::{Outcome, assert_none_lost, on_each};

const ACCOUNTS: u64 = 8;

/// Each of these tests takes all that the machine has.
static ALONE: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());

/// The next random number.
fn random(state: &mut u64) -> u64 {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    *state
}

async fn total(db: &Db) -> i64 {
    const TOTAL: &str = "SELECT CAST(sum(money) AS BIGINT) FROM account";
    let mut conn = db.conn().await.unwrap_or_else(|error| panic!("{error:?} on {db:?}: {:?}", db.stats()));
    match db.dialect() {
        hiku::sql::Dialect::Sqlite => sqlx::query_scalar(TOTAL).fetch_one(conn.sqlite().unwrap()).await.unwrap(),
        hiku::sql::Dialect::MySql => {
            const TOTAL: &str = "SELECT CAST(sum(money) AS SIGNED) FROM account";
            sqlx::query_scalar(TOTAL).fetch_one(conn.mysql().unwrap()).await.unwrap()
        }
        _ => sqlx::query_scalar(TOTAL).fetch_one(conn.postgres().unwrap()).await.unwrap(),
    }
}

async fn pay(db: &Db, account: u64, amount: i64) -> Outcome {
    let text = format!("UPDATE account SET money = money + {amount} WHERE id = {account}");
    db.execute_raw(text).await.map_err(|error| error.to_string())?;
    Ok(())
}

async fn transfer(db: &Db, state: &mut u64) -> Outcome {
    let (from, to) = (random(state) % ACCOUNTS, random(state) % ACCOUNTS);
    let (fails, inner_fails) = (random(state).is_multiple_of(5), random(state).is_multiple_of(3));
    db.atomic(|| async {
        // In one order, so that nobody waits for each other.
        for account in [from.min(to), from.max(to)] {
            pay(db, account, if account == from { -7 } else { 0 }).await?;
            tokio::task::yield_now().await;
        }
        let inner: Outcome = db
            .atomic(|| async {
                pay(db, to, 1000).await?;
                pay(db, to, -1000).await?;
                if inner_fails { Err("inner".into()) } else { Ok(()) }
            })
            .await;
        assert_eq!(inner.is_err(), inner_fails);
        if from == to {
            pay(db, to, 7).await?;
        }
        pay(db, to, 7).await?;
        if fails { Err("outer".into()) } else { Ok(()) }
    })
    .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn c38_a_bank_under_random_cancellation_keeps_its_total() {
    let _alone = ALONE.lock().await;
    on_each(|db| async move {
        let _ = db.execute("DROP TABLE account").await;
        db.execute("CREATE TABLE account (id BIGINT PRIMARY KEY, money BIGINT NOT NULL)").await.unwrap();
        for account in 0..ACCOUNTS {
            db.execute_raw(format!("INSERT INTO account VALUES ({account}, 1000)")).await.unwrap();
        }
        let until = tokio::time::Instant::now() + Duration::from_millis(1500);
        let tasks = (0..16_u64).map(|seed| {
            let db = db.clone();
            tokio::spawn(async move {
                let mut state = 0x9E37_79B9_7F4A_7C15 ^ (seed + 1);
                let (mut done, mut dropped) = (0, 0);
                while tokio::time::Instant::now() < until && done + dropped < 400 {
                    let patience = Duration::from_micros(200 + random(&mut state) % 20_000);
                    match timeout(patience, transfer(&db, &mut state)).await {
                        Ok(_) => done += 1,
                        Err(_) => dropped += 1,
                    }
                }
                (done, dropped)
            })
        });
        let (mut done, mut dropped) = (0, 0);
        for task in join_all(tasks).await {
            let (some, others) = task.unwrap();
            done += some;
            dropped += others;
        }
        assert!(done + dropped > 50, "{done} and {dropped}");
        assert_eq!(total(&db).await, 1000 * ACCOUNTS.cast_signed());
        assert_none_lost(&db).await;
        db.execute("DROP TABLE account").await.unwrap();
    })
    .await;
}

/// Ten thousand at once; some are dropped while they wait for a connection, some inside, some at their end.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn c38_ten_thousand_concurrent_transfers_keep_the_total() {
    const LONG: Duration = Duration::from_secs(120);
    let _alone = ALONE.lock().await;
    let folder = super::databases::Folder::new();
    let mut all = vec![Db::builder(&folder.sqlite())];
    all.extend(super::databases::postgres_url().await.map(|(url, _)| Db::builder(&url)));
    all.extend(super::databases::mariadb_url().await.map(|url| Db::builder(&url)));
    for builder in all {
        let db = builder.max(4).acquire_timeout(LONG).connect().await.unwrap();
        db.execute("CREATE TABLE account (id BIGINT PRIMARY KEY, money BIGINT NOT NULL)").await.unwrap();
        for account in 0..ACCOUNTS {
            db.execute_raw(format!("INSERT INTO account VALUES ({account}, 1000)")).await.unwrap();
        }
        let tasks = (0..10_000_u64).map(|seed| {
            let db = db.clone();
            tokio::spawn(async move {
                let mut state = 0x9E37_79B9_7F4A_7C15 ^ (seed + 1);
                for _ in 0..3 {
                    random(&mut state);
                }
                // Nine of ten give up: after so long, or after so many polls.
                match random(&mut state) % 10 {
                    0 => transfer(&db, &mut state).await.is_ok(),
                    1..5 => {
                        let patience = Duration::from_micros(random(&mut state) % 4_000_000);
                        timeout(patience, transfer(&db, &mut state)).await.is_ok_and(|done| done.is_ok())
                    }
                    _ => {
                        let polls = usize::try_from(random(&mut state) % 30).unwrap();
                        let transfer = transfer(&db, &mut state);
                        super::support::polled(transfer, polls).await.is_some_and(|done| done.is_ok())
                    }
                }
            })
        });
        let done = timeout(LONG, join_all(tasks)).await.expect("a deadlock");
        let done = done.into_iter().filter(|done| *done.as_ref().unwrap()).count();
        assert!(done > 500, "{done}");
        assert_eq!(total(&db).await, 1000 * ACCOUNTS.cast_signed());
        assert_none_lost(&db).await;
        db.execute("DROP TABLE account").await.unwrap();
        db.close().await;
    }
}
