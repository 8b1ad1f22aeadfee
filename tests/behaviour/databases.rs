//! The databases that tests run on.

use std::future::Future;
use std::sync::atomic::{AtomicU32, Ordering};

use hiku::sql::Db;
use hiku::sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions};

/// A database of its own for each test: SQLite in memory.
pub async fn sqlite() -> Db {
    Db::connect("sqlite::memory:").await.unwrap()
}

/// A pool as a user makes it: of one connection, which never changes. Without a ping: whoever gives up while sqlx asks
/// whether the connection lives has it closed.
pub async fn one_connection(options: SqliteConnectOptions) -> Db {
    let pool =
        SqlitePoolOptions::new().max_connections(1).idle_timeout(None).max_lifetime(None).test_before_acquire(false);
    Db::from(pool.connect_with(options).await.unwrap())
}

/// The address of a schema of its own on the PostgreSQL server of the tests, if there is one.
#[allow(clippy::print_stderr, reason = "whoever runs the tests is told what did not run")]
pub async fn postgres_url() -> Option<(String, String)> {
    let Ok(url) = std::env::var("HIKU_TEST_POSTGRES") else {
        eprintln!("no HIKU_TEST_POSTGRES: this test does not run on PostgreSQL");
        return None;
    };
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let schema = format!("t{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
    let admin = Db::connect(&url).await.unwrap();
    admin.execute_raw(format!("CREATE SCHEMA {schema}")).await.unwrap();
    admin.close().await;
    let join = if url.contains('?') { '&' } else { '?' };
    Some((format!("{url}{join}options=-csearch_path%3D{schema}"), schema))
}

/// A database of its own on the PostgreSQL server of the tests, if there is one.
pub async fn postgres() -> Option<Db> {
    let (url, _) = postgres_url().await?;
    Some(Db::connect(&url).await.unwrap())
}

/// The address of a database of its own on the MariaDB server of the tests, if there is one. Its texts are compared by their
/// characters, as those of the other databases.
#[allow(clippy::print_stderr, reason = "whoever runs the tests is told what did not run")]
pub async fn mariadb_url() -> Option<String> {
    let Ok(url) = std::env::var("HIKU_TEST_MARIADB") else {
        eprintln!("no HIKU_TEST_MARIADB: this test does not run on MariaDB");
        return None;
    };
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let name = format!("t{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
    let admin = Db::connect(&url).await.unwrap();
    admin.execute_raw(format!("CREATE DATABASE {name} COLLATE utf8mb4_nopad_bin")).await.unwrap();
    admin.close().await;
    let (server, _) = url.rsplit_once('/').unwrap();
    Some(format!("{server}/{name}"))
}

/// A database of its own on the MariaDB server of the tests, if there is one.
pub async fn mariadb() -> Option<Db> {
    Some(Db::connect(&mariadb_url().await?).await.unwrap())
}

/// A folder that is gone when the test ends.
pub struct Folder(std::path::PathBuf);

impl Folder {
    pub fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!("hiku-test-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let folder = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&folder).unwrap();
        Folder(folder)
    }

    /// The address of a SQLite file in it.
    pub fn sqlite(&self) -> String {
        format!("sqlite:{}", self.0.join("test.db").display())
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Run a test on every database.
pub async fn on_each<F: Future<Output = ()>>(test: impl Fn(Db) -> F) {
    test(sqlite().await).await;
    if let Some(db) = postgres().await {
        test(db).await;
    }
    if let Some(db) = mariadb().await {
        test(db).await;
    }
}

/// The numbers up to this one, as the table `s` with the column `n`: made of digits, because MariaDB counts to a thousand only.
pub fn numbers(most: u32) -> String {
    format!(
        "WITH RECURSIVE d(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM d WHERE n < 9), s(n) AS (
         SELECT a.n + b.n * 10 + c.n * 100 + e.n * 1000 + f.n * 10000 FROM d a, d b, d c, d e, d f
         WHERE a.n + b.n * 10 + c.n * 100 + e.n * 1000 + f.n * 10000 <= {most})"
    )
}

/// Run statements one after the other.
pub async fn execute(db: &Db, statements: &[&str]) {
    for statement in statements {
        db.execute_raw((*statement).to_owned()).await.unwrap_or_else(|error| panic!("{statement}: {error}"));
    }
}
