//! SQLite: our own connections through rusqlite, or those of a user's sqlx pool; the same code reads rows from both.

mod cancel;
mod foreign;
mod handle;
mod own;
mod pace;
mod rows;
mod stop;

use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use rusqlite::OpenFlags;
use sqlx::pool::PoolOptions;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode};
use sqlx::{Sqlite, SqlitePool};

use super::db::{MOST_CONNECTIONS, pool_options};
use crate::error::Result;
use crate::graph::Kind;

pub(super) use foreign::{fetch, is_autocommit};
pub(super) use own::Own;
pub(super) use pace::Pace;
pub(super) use stop::{Stop, prepare};

/// How long a statement waits for somebody else's lock.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// What an address leads to.
pub(super) enum Connected {
    Own(Arc<Own>),
    Foreign(SqlitePool),
}

pub(super) async fn connect(url: &str) -> Result<Connected> {
    let (database, parameters) = address(url);
    // An address that says how to open the file is taken at its word.
    let create = !url.contains("mode=") || url.contains("mode=rwc");
    let options =
        SqliteConnectOptions::from_str(url)?.foreign_keys(true).busy_timeout(BUSY_TIMEOUT).create_if_missing(create);
    let flags = OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_PRIVATE_CACHE;
    let write = flags | OpenFlags::SQLITE_OPEN_READ_WRITE;
    if database == ":memory:" && parameters.is_empty() {
        // A name that every connection of this process can open, and no other database has.
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let name = format!("/hiku-{:p}-{}", &raw const NEXT, NEXT.fetch_add(1, Ordering::Relaxed));
        let options = SqliteConnectOptions::new()
            .filename(&name)
            .vfs("memdb")
            .foreign_keys(true)
            .busy_timeout(BUSY_TIMEOUT)
            .create_if_missing(true);
        let flags = write | OpenFlags::SQLITE_OPEN_CREATE;
        // A writer keeps all others out here, so a second one would only be refused.
        let open = own::Open { path: name.into(), flags, vfs: Some("memdb"), wal: false, options, most_of_sqlx: 1 };
        return Ok(Connected::Own(Own::connect(open).await?));
    }
    if url.contains(":memory:") || url.contains("mode=memory") {
        // Every connection would be a database of its own, and the last one to close takes its rows with it.
        let pool = pool_options::<Sqlite>().max_connections(1).idle_timeout(None).max_lifetime(None);
        return Ok(Connected::Foreign(pool.connect_with(options).await?));
    }
    let (flags, wal) = match parameters {
        "" | "mode=rwc" => (write | OpenFlags::SQLITE_OPEN_CREATE, true),
        "mode=rw" => (write, true),
        "mode=ro" => (flags | OpenFlags::SQLITE_OPEN_READ_ONLY, false),
        _ => return foreign(options).await,
    };
    let options = if wal { options.journal_mode(SqliteJournalMode::Wal) } else { options };
    let path = options.get_filename().to_owned();
    // A temporary database, or a whole URI: what sqlx makes of them.
    if path.as_os_str().is_empty() || database.starts_with("file:") {
        return foreign(options).await;
    }
    let open = own::Open { path, flags, vfs: None, wal, options, most_of_sqlx: MOST_CONNECTIONS };
    Ok(Connected::Own(Own::connect(open).await?))
}

async fn foreign(options: SqliteConnectOptions) -> Result<Connected> {
    let options = options.journal_mode(SqliteJournalMode::Wal);
    Ok(Connected::Foreign(pool_options::<Sqlite>().connect_with(options).await?))
}

/// A pool of sqlx, whatever the address.
pub(super) async fn connect_with(url: &str, pool: PoolOptions<Sqlite>) -> Result<SqlitePool> {
    let create = !url.contains("mode=") || url.contains("mode=rwc");
    let options =
        SqliteConnectOptions::from_str(url)?.foreign_keys(true).busy_timeout(BUSY_TIMEOUT).create_if_missing(create);
    if url.contains(":memory:") || url.contains("mode=memory") {
        // Every connection would be a database of its own, and the last one to close takes its rows with it.
        let pool = pool.min_connections(0).max_connections(1).idle_timeout(None).max_lifetime(None);
        return Ok(pool.connect_with(options).await?);
    }
    let options = if url.contains("mode=ro") { options } else { options.journal_mode(SqliteJournalMode::Wal) };
    Ok(pool.connect_with(options).await?)
}

/// The name of the database and its parameters, as sqlx divides an address.
fn address(url: &str) -> (&str, &str) {
    let rest = url.trim_start_matches("sqlite:").trim_start_matches("//");
    rest.split_once('?').unwrap_or((rest, ""))
}

/// What `pragma_table_info` says of a table: name, declared type, never null. Empty if there is no such table.
pub(super) async fn table_columns(
    pool: &SqlitePool,
    schema: Option<&str>,
    table: &str,
) -> Result<Vec<(String, String, bool)>> {
    // A primary key of integers is never null, though SQLite says it could be.
    let rows: Vec<(String, String, bool)> =
        sqlx::query_as("SELECT name, type, \"notnull\" <> 0 OR pk <> 0 FROM pragma_table_info(?1, ?2)")
            .bind(table)
            .bind(schema.unwrap_or("main"))
            .fetch_all(pool)
            .await?;
    Ok(rows)
}

/// Whether a declared type can hold values of a kind, by SQLite's rules of affinity.
pub(super) fn holds(declared: &str, kind: Option<Kind>) -> bool {
    let declared = declared.to_ascii_uppercase();
    let has = |parts: &[&str]| parts.iter().any(|part| declared.contains(part));
    match kind {
        None | Some(Kind::Json) => declared.is_empty() || has(&["CHAR", "CLOB", "TEXT", "JSON"]),
        Some(Kind::Bool) => has(&["BOOL", "INT"]),
        Some(Kind::I16 | Kind::I32 | Kind::I64) => has(&["INT"]),
        Some(Kind::F32 | Kind::F64) => has(&["REAL", "FLOA", "DOUB", "NUM", "DEC", "INT"]),
        #[cfg(feature = "decimal")]
        Some(Kind::Decimal) => has(&["CHAR", "CLOB", "TEXT", "NUM", "DEC", "INT"]),
        Some(Kind::Text) => has(&["CHAR", "CLOB", "TEXT"]),
        Some(Kind::Uuid) => declared.is_empty() || has(&["CHAR", "TEXT", "BLOB", "UUID"]),
        Some(Kind::Date) => has(&["DATE", "TEXT"]),
        Some(Kind::Time) => has(&["TIME", "TEXT"]),
        Some(Kind::DateTime | Kind::LocalDateTime) => has(&["TIME", "DATE", "TEXT", "INT"]),
    }
}
