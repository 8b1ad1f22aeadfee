//! A server that is killed, and started again. A program of its own, since every other session of the server is lost with it.
#![cfg(all(feature = "sqlite", feature = "postgres"))]
#![allow(dead_code, unreachable_pub, reason = "helpers are shared")]

#[path = "behaviour/databases.rs"]
mod databases;

use std::time::Duration;

use hiku::prelude::*;
use hiku::sql::TransactionError;
use hiku::sqlx;
use tokio::time::timeout;

use databases::postgres_url;

const LONG: Duration = Duration::from_secs(60);

#[node(table = "account")]
struct Account {
    #[key]
    id: i64,
    money: i64,
}

#[node]
impl Account {
    /// Answers when the server does.
    #[field]
    async fn slow(Data(db): Data<Db>, id: &[i64]) -> Result<Vec<bool>> {
        db.execute("SELECT pg_sleep(60)").await?;
        Ok(vec![true; id.len()])
    }
}

#[root]
struct Query {
    #[link(all)]
    accounts: Many<Account>,
}

#[allow(clippy::print_stderr, reason = "whoever runs the tests is told what did not run")]
fn restart() -> Option<String> {
    let command = std::env::var("HIKU_TEST_POSTGRES_RESTART").ok();
    if command.is_none() {
        eprintln!("no HIKU_TEST_POSTGRES_RESTART: this test does not run");
    }
    command
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn c31_a_server_that_is_killed_and_started_again_is_used_again() {
    let (Some(restart), Some((url, _))) = (restart(), postgres_url().await) else { return };
    let db = Db::builder(&url).max(4).connect().await.unwrap();
    hiku::sql::create_tables::<Query>(&db).await.unwrap();
    db.execute("INSERT INTO account (id, money) VALUES (1, 100), (2, 100)").await.unwrap();
    let engine = Engine::builder(Graph::new::<Query>().unwrap()).data(db.clone()).build().unwrap();
    let kept = format!("kept {}", std::process::id());

    for round in 0..2 {
        // One is prepared, one is in the middle, one waits for the server in a request.
        let mut prepared = db.begin().await.unwrap();
        prepared.execute("UPDATE account SET money = money + 1 WHERE id = 2").await.unwrap();
        prepared.prepare(&kept).await.unwrap();
        let (began, beginning) = tokio::sync::oneshot::channel();
        let moving = tokio::spawn({
            let db = db.clone();
            async move {
                db.atomic(|| async {
                    db.execute("UPDATE account SET money = money - 50 WHERE id = 1").await?;
                    began.send(()).unwrap();
                    db.execute("SELECT pg_sleep(60)").await?;
                    Ok::<_, hiku::Error>(())
                })
                .await
            }
        });
        beginning.await.unwrap();
        let asking = tokio::spawn({
            let engine = engine.clone();
            async move { engine.execute("{ accounts { slow } }").await }
        });
        const SLEEPING: &str = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'";
        while sqlx::query_scalar::<_, i64>(SLEEPING).fetch_one(db.postgres().unwrap()).await.unwrap() < 2 {
            tokio::task::yield_now().await;
        }
        // A third has its connection in the hand.
        let mut by_hand = db.begin().await.unwrap();
        by_hand.execute("UPDATE account SET money = 0 WHERE id = 1 AND money < 0").await.unwrap();

        let command = restart.clone();
        let restarted = tokio::task::spawn_blocking(|| std::process::Command::new(command).status());
        assert!(restarted.await.unwrap().unwrap().success());

        // Whoever was at work has an error, soon; what was not stored is not there.
        timeout(LONG, moving).await.expect("nobody waits for what is gone").unwrap().unwrap_err();
        let asked = timeout(LONG, asking).await.expect("nobody waits for what is gone").unwrap();
        assert!(!asked.is_ok(), "{asked}");
        let lost = by_hand.commit().await;
        assert!(matches!(lost, Err(TransactionError::Database(_))), "{lost:?}");

        // The next one finds nothing of it.
        let answer = timeout(LONG, engine.execute("{ accounts { id money } }")).await.unwrap();
        let second = 100 + round;
        assert_eq!(
            answer.to_string(),
            format!(r#"{{"data":{{"accounts":[{{"id":"1","money":100}},{{"id":"2","money":{second}}}]}}}}"#)
        );
        // What was prepared is still to be ended.
        db.commit_prepared(&kept).await.unwrap();

        // No place of the pool is lost, and no session is in a transaction.
        let pool = db.postgres().unwrap();
        let mut all = Vec::new();
        for _ in 0..4 {
            let mut connection = timeout(LONG, pool.acquire()).await.expect("a place is lost").unwrap();
            sqlx::raw_sql("SELECT 1").execute(&mut *connection).await.unwrap();
            all.push(connection);
        }
        let open = "SELECT count(*) FROM pg_stat_activity WHERE state LIKE 'idle in transaction%'";
        let open: i64 = sqlx::query_scalar(open).fetch_one(&mut *all[0]).await.unwrap();
        assert_eq!(open, 0);
    }
}
