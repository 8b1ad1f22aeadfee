//! A table of names, and what holds after every test.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;
use std::time::{Duration, Instant};

use hiku::prelude::*;
use hiku::sql::TransactionError;
use hiku::sqlx;
use hiku::sqlx::postgres::PgPoolOptions;
use hiku::sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions};
use tokio::time::timeout;

use super::databases::{Folder, mariadb_url, one_connection, postgres_url};

pub const LONG: Duration = Duration::from_secs(20);

pub type Outcome<T = ()> = std::result::Result<T, Box<dyn std::error::Error + Send + Sync>>;

pub async fn insert(db: &Db, text: &str) -> Outcome {
    db.execute_raw(format!("INSERT INTO m (text) VALUES ('{text}')")).await.map_err(|error| error.to_string())?;
    Ok(())
}

/// What this task sees.
pub async fn names(db: &Db) -> Vec<String> {
    const ALL: &str = "SELECT text FROM m ORDER BY text";
    let mut conn = db.conn().await.unwrap();
    match db.dialect() {
        hiku::sql::Dialect::Sqlite => sqlx::query_scalar(ALL).fetch_all(conn.sqlite().unwrap()).await.unwrap(),
        hiku::sql::Dialect::MySql => sqlx::query_scalar(ALL).fetch_all(conn.mysql().unwrap()).await.unwrap(),
        _ => sqlx::query_scalar(ALL).fetch_all(conn.postgres().unwrap()).await.unwrap(),
    }
}

/// Wait on the server.
pub async fn sleep_on_server(db: &Db, millis: u64) -> Outcome {
    match db.dialect() {
        hiku::sql::Dialect::Sqlite => tokio::time::sleep(Duration::from_millis(millis)).await,
        _ => {
            let sleep = match db.dialect() {
                hiku::sql::Dialect::MySql => format!("DO SLEEP({millis} / 1000)"),
                _ => format!("SELECT pg_sleep({millis} / 1000.0)"),
            };
            db.execute_raw(sleep).await.map_err(|error| error.to_string())?;
        }
    }
    Ok(())
}

/// Run a test on pools of many connections and of one, on each database, with the table.
pub async fn on_each<F: Future<Output = ()>>(test: impl Fn(Db) -> F) {
    let folder = Folder::new();
    let mut all =
        vec![Db::connect("sqlite::memory:").await.unwrap(), Db::connect(&folder.sqlite()).await.unwrap(), one().await];
    if let Some((url, _)) = postgres_url().await {
        all.push(Db::connect(&url).await.unwrap());
        let pool = PgPoolOptions::new().max_connections(1).acquire_timeout(Duration::from_secs(5)).connect(&url).await;
        all.push(Db::from(pool.unwrap()));
    }
    if let Some(url) = mariadb_url().await {
        all.push(Db::connect(&url).await.unwrap());
        all.push(Db::builder(&url).max(1).acquire_timeout(Duration::from_secs(5)).connect().await.unwrap());
    }
    for db in all {
        prepare(&db).await;
        let done = timeout(LONG, test(db.clone())).await;
        done.unwrap_or_else(|_| panic!("a deadlock on {db:?}: {:?}", db.stats()));
        assert_none_lost(&db).await;
        db.close().await;
    }
}

/// Run a test on pools that have more than one connection, and where others can read meanwhile.
pub async fn on_each_of_many<F: Future<Output = ()>>(test: impl Fn(Db) -> F) {
    let folder = Folder::new();
    let mut all = vec![Db::connect(&folder.sqlite()).await.unwrap()];
    if let Some((url, _)) = postgres_url().await {
        all.push(Db::connect(&url).await.unwrap());
    }
    if let Some(url) = mariadb_url().await {
        all.push(Db::connect(&url).await.unwrap());
    }
    for db in all {
        prepare(&db).await;
        let done = timeout(LONG, test(db.clone())).await;
        done.unwrap_or_else(|_| panic!("a deadlock on {db:?}: {:?}", db.stats()));
        assert_none_lost(&db).await;
        db.close().await;
    }
}

async fn one() -> Db {
    one_connection("sqlite::memory:".parse::<SqliteConnectOptions>().unwrap()).await
}

/// A pool of one connection of each database.
pub async fn pools_of_one(wait: Duration) -> Vec<Db> {
    // Without a ping: whoever gives up meanwhile has the connection closed, and with it the database.
    let pool = SqlitePoolOptions::new().max_connections(1).acquire_timeout(wait).test_before_acquire(false);
    let mut all = vec![Db::from(pool.connect("sqlite::memory:").await.unwrap())];
    if let Some((url, _)) = postgres_url().await {
        let pool = PgPoolOptions::new().max_connections(1).acquire_timeout(wait).connect(&url);
        all.push(Db::from(pool.await.unwrap()));
    }
    if let Some(url) = mariadb_url().await {
        all.push(Db::builder(&url).max(1).acquire_timeout(wait).connect().await.unwrap());
    }
    for db in &all {
        prepare(db).await;
    }
    all
}

pub async fn prepare(db: &Db) {
    db.execute("DROP TABLE IF EXISTS m").await.unwrap();
    db.execute("CREATE TABLE m (text VARCHAR(100) NOT NULL UNIQUE)").await.unwrap();
}

/// Every connection that the pool can have can be had at once, and none is in a transaction; nor is any other session.
pub async fn assert_none_lost(db: &Db) {
    if let Some(pool) = db.mysql() {
        return assert_none_lost_of_mariadb(pool).await;
    }
    if let Some(pool) = db.sqlite() {
        let mut held = Vec::new();
        for _ in 0..pool.options().get_max_connections() {
            let mut connection = timeout(LONG, pool.acquire()).await.expect("a connection is lost").unwrap();
            sqlx::raw_sql("BEGIN IMMEDIATE; ROLLBACK").execute(&mut *connection).await.unwrap();
            assert!(!sqlx::Connection::is_in_transaction(&*connection));
            let refuses: bool = sqlx::query_scalar("PRAGMA query_only").fetch_one(&mut *connection).await.unwrap();
            assert!(!refuses);
            held.push(connection);
        }
    }
    if let Some(pool) = db.postgres() {
        let since = Instant::now();
        loop {
            // Sessions of this schema only: other tests run beside.
            let open: i64 = sqlx::query_scalar(
                "SELECT count(*) FROM pg_stat_activity a JOIN pg_locks l ON l.pid = a.pid JOIN pg_class c ON c.oid = l.relation
                 WHERE c.relnamespace = current_schema()::regnamespace AND a.state LIKE 'idle in transaction%'",
            )
            .fetch_one(pool)
            .await
            .unwrap();
            if open == 0 {
                break;
            }
            assert!(since.elapsed() < LONG, "{open} sessions are idle in transaction");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        let mut held = Vec::new();
        for _ in 0..pool.options().get_max_connections() {
            let mut connection = timeout(LONG, pool.acquire()).await.expect("a connection is lost").unwrap();
            assert!(!sqlx::Connection::is_in_transaction(&*connection));
            let mut times = Vec::new();
            for _ in 0..2 {
                let time: String = sqlx::query_scalar("SELECT now()::text").fetch_one(&mut *connection).await.unwrap();
                times.push(time);
            }
            assert_ne!(times[0], times[1], "a transaction was left open");
            held.push(connection);
        }
    }
}

/// The same for MariaDB.
async fn assert_none_lost_of_mariadb(pool: &sqlx::MySqlPool) {
    let since = Instant::now();
    loop {
        // Sessions of this database only: other tests run beside.
        let open: i64 = sqlx::query_scalar(
            "SELECT count(*) FROM information_schema.innodb_trx t JOIN information_schema.processlist p ON p.id = t.trx_mysql_thread_id
             WHERE p.db = DATABASE() AND p.id <> CONNECTION_ID()",
        )
        .fetch_one(pool)
        .await
        .unwrap();
        if open == 0 {
            break;
        }
        assert!(since.elapsed() < LONG, "{open} sessions are in a transaction");
        // The server looks again only when nobody has asked for a tenth of a second.
        tokio::time::sleep(Duration::from_millis(250)).await;
    }
    let mut held = Vec::new();
    for _ in 0..pool.options().get_max_connections() {
        let mut connection = timeout(LONG, pool.acquire()).await.expect("a connection is lost").unwrap();
        assert!(!sqlx::Connection::is_in_transaction(&*connection));
        let open: u64 = sqlx::query_scalar("SELECT @@in_transaction").fetch_one(&mut *connection).await.unwrap();
        assert_eq!(open, 0, "a transaction was left open");
        held.push(connection);
    }
}

/// Poll a future so many times; its result, if it had one by then.
pub async fn polled<T>(future: impl Future<Output = T>, times: usize) -> Option<T> {
    let mut future = pin!(future);
    let mut left = times;
    poll_fn(move |context| {
        if left == 0 {
            return Poll::Ready(None);
        }
        left -= 1;
        future.as_mut().poll(context).map(Some)
    })
    .await
}

pub fn transaction_error(error: &Error) -> Option<&TransactionError> {
    error.source()?.downcast_ref()
}
