//! MariaDB through sqlx.

mod lent;
mod rows;
mod server;
mod stop;

use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use sqlx::mysql::MySqlConnectOptions;
use sqlx::pool::PoolOptions;
use sqlx::{AssertSqlSafe, Connection as _, MySql, MySqlConnection, MySqlPool};

use super::TransactionError;
use super::db::Failed;
use super::dialect::KeyTypes;
use super::session::{Ask, Fetched, OnConflict};
use super::statement::Relation;
use super::violation::{StatementError, Violation};
use crate::error::{Error, Result};
use crate::graph::Kind;

pub(super) use lent::{Lent, is_conflict, is_deadlock, is_killed};
pub(super) use server::Server;
pub(super) use stop::Keeper;

/// How long a connection may be idle before it is asked whether it still lives. Asking costs more than a small statement.
const PING_AFTER: Duration = Duration::from_secs(5);

/// What every connection is told first: to read statements as the standard has them and other databases do, to refuse what it
/// cannot store instead of changing it, and to isolate transactions as PostgreSQL does. Characters and time zone are sqlx's
/// doing: utf8mb4, and UTC.
pub(super) const SESSION: &str = "SET SESSION sql_mode = 'ANSI_QUOTES,PIPES_AS_CONCAT,NO_BACKSLASH_ESCAPES,\
     STRICT_TRANS_TABLES,STRICT_ALL_TABLES,NO_ZERO_IN_DATE,NO_ZERO_DATE,ERROR_FOR_DIVISION_BY_ZERO,NO_AUTO_VALUE_ON_ZERO,NO_ENGINE_SUBSTITUTION'; \
     SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED";

/// The pool; `options` run [`SESSION`].
pub(super) async fn connect_with(url: &str, options: PoolOptions<MySql>) -> Result<MySqlPool> {
    let options = options.before_acquire(|connection, meta| {
        Box::pin(async move {
            if meta.idle_for > PING_AFTER {
                connection.ping().await?;
            }
            Ok(true)
        })
    });
    let address = MySqlConnectOptions::from_str(url)?;
    // A pool tries again and again where nothing listens; at start-up the reason is wanted at once.
    MySqlConnection::connect_with(&address).await?.close().await?;
    Ok(options.connect_with(address).await?)
}

/// How the server is told to end statements that take too long.
pub(super) fn statement_timeout(timeout: Duration) -> String {
    // 0 would be no limit.
    format!("SET SESSION max_statement_time = {}", timeout.as_secs_f64().max(0.001))
}

/// Run a statement on a connection, which comes back with the answer.
///
/// # Cancellation
/// Dropping the future stops the statement on the server; the connection goes back to where it belongs from there.
pub(super) async fn fetch<K: Keeper>(mut keeper: K, ask: Arc<Ask>) -> (K, Result<Fetched, Failed>) {
    let Some(server) = keeper.lent().map(|lent| lent.server.clone()) else { return (keeper, Err(gone())) };
    stop::shielded(server, keeper, |mut keeper, run| async move {
        let Some(lent) = keeper.lent() else { return (keeper, Err(gone())) };
        let fetched = async {
            let before = |error| Failed::new(error, 0);
            run.starts_on(lent.id().await.map_err(before)?);
            lent.verify().await.map_err(|error| Failed::value(error.into()))?;
            if run.is_dropped() {
                return Err(Failed::value(Error::internal("nobody waits for this statement")));
            }
            let server = lent.server.clone();
            lent.works();
            let fetched = match server.text(lent, &ask).await {
                Ok(text) => rows::fetch(lent, &ask, text.text, &text.numbers, &run).await,
                Err(error) => Err(Failed::before(error)),
            };
            let fetched = match (ask.writes.as_ref().map(|writes| writes.on_conflict), fetched) {
                (Some(OnConflict::Ignore), Ok(fetched)) => only_conflicts(lent).await.map(|()| fetched),
                (Some(OnConflict::Update), Err(failed)) if lent::is_guard(&failed.error) => {
                    Err(Failed::value(guarded()))
                }
                (Some(OnConflict::Update), Ok(fetched)) => {
                    let rows = fetched.columns.first().map_or(fetched.affected, |column| column.len() as u64);
                    Ok(Fetched { affected: rows, ..fetched })
                }
                (_, fetched) => fetched,
            };
            lent.rests();
            lent.noted(fetched.is_err());
            if fetched.is_err() {
                server.forget(&ask);
            }
            fetched
        };
        let fetched = fetched.await;
        (keeper, fetched)
    })
    .await
}

/// An error if the statement before has left out, or changed, a row for another reason than uniqueness: what is an error
/// elsewhere is a warning of `INSERT IGNORE`.
async fn only_conflicts(connection: &mut MySqlConnection) -> Result<(), Failed> {
    const ER_DUP_ENTRY: u32 = 1062;
    let failed = |error| Failed::new(error, usize::MAX);
    let warnings: u64 =
        sqlx::query_scalar("SELECT @@warning_count").fetch_one(&mut *connection).await.map_err(failed)?;
    if warnings == 0 {
        return Ok(());
    }
    let told: Vec<(String, u32, String)> =
        sqlx::query_as("SHOW WARNINGS").fetch_all(&mut *connection).await.map_err(failed)?;
    let all = told.len() as u64 == warnings;
    match told.into_iter().find(|(_, code, _)| *code != ER_DUP_ENTRY) {
        None if all => Ok(()),
        None => Err(Failed::value(Error::internal(
            "MariaDB left out more rows than it gives reasons for: insert fewer at once, or raise `max_error_count`",
        ))),
        Some((_, code, text)) => {
            let violation = match code {
                1048 | 1364 => Some(Violation::NotNull),
                1216 | 1217 | 1451 | 1452 => Some(Violation::ForeignKey),
                4025 => Some(Violation::Check),
                _ => None,
            };
            Err(Failed::value(StatementError { text, violation, cause: None }.into()))
        }
    }
}

/// The error of an upsert that meets a row by another rule of uniqueness than the one it names.
fn guarded() -> Error {
    let text = "a row with other values in the columns of `or_update` is in the way".to_owned();
    StatementError { text, violation: Some(Violation::Unique), cause: None }.into()
}

/// How the columns of a table are compared.
///
/// # Cancellation
/// As [`fetch`].
pub(super) async fn columns<K: Keeper>(mut keeper: K, relation: &Relation) -> (K, Result<KeyTypes>) {
    let Some(server) = keeper.lent().map(|lent| lent.server.clone()) else { return (keeper, Err(gone().error)) };
    let (schema, name) = (relation.schema.clone(), relation.name.clone());
    stop::shielded(server, keeper, |mut keeper, _| async move {
        let Some(lent) = keeper.lent() else { return (keeper, Err(gone().error)) };
        let server = lent.server.clone();
        lent.works();
        let columns = server.columns_of(lent, (schema, name)).await;
        lent.rests();
        lent.noted(columns.is_err());
        (keeper, columns)
    })
    .await
}

fn gone() -> Failed {
    Failed::value(TransactionError::ScopeClosed.into())
}

/// Run statements of a user; how many rows they changed.
///
/// # Cancellation
/// As [`fetch`].
pub(super) async fn execute<K: Keeper>(mut keeper: K, text: String) -> (K, Result<u64, TransactionError>) {
    let Some(server) = keeper.lent().map(|lent| lent.server.clone()) else {
        return (keeper, Err(TransactionError::ScopeClosed));
    };
    stop::shielded(server, keeper, |mut keeper, run| async move {
        let Some(lent) = keeper.lent() else { return (keeper, Err(TransactionError::ScopeClosed)) };
        let changed = async {
            run.starts_on(lent.id().await?);
            lent.verify().await?;
            if run.is_dropped() {
                return Err(TransactionError::Unavailable("nobody waits for this statement"));
            }
            let keeps = keeps_transaction(&text);
            lent.works();
            let changed = sqlx::raw_sql(AssertSqlSafe(text)).execute(&mut **lent).await;
            lent.rests();
            lent.noted(changed.is_err());
            if !keeps {
                lent.suspect();
            }
            let changed = changed?.rows_affected();
            // Who has stored half of the work is told at once.
            lent.verify().await?;
            Ok(changed)
        };
        let changed = changed.await;
        (keeper, changed)
    })
    .await
}

/// An error if the server has ended the transaction of a connection on its own.
pub(super) async fn verify<K: Keeper>(mut keeper: K) -> (K, Result<(), TransactionError>) {
    let Some(server) = keeper.lent().filter(|lent| lent.is_unsure()).map(|lent| lent.server.clone()) else {
        return (keeper, Ok(()));
    };
    stop::shielded(server, keeper, |mut keeper, _| async move {
        let verified = match keeper.lent() {
            Some(lent) => lent.verify().await,
            None => Ok(()),
        };
        (keeper, verified)
    })
    .await
}

/// Whether it is one statement of a kind that does not end transactions. Of others the server is asked.
fn keeps_transaction(text: &str) -> bool {
    const KINDS: [&str; 6] = ["SELECT", "INSERT", "UPDATE", "DELETE", "REPLACE", "WITH"];
    let text = text.trim();
    let word = text.split(|c: char| !c.is_ascii_alphabetic()).next().unwrap_or_default();
    !text.trim_end_matches(';').contains(';') && KINDS.iter().any(|kind| word.eq_ignore_ascii_case(kind))
}

/// What the catalogue says of a table: column, type, never null. Empty if there is no such table.
pub(super) async fn table_columns(
    pool: &MySqlPool,
    schema: Option<&str>,
    table: &str,
) -> Result<Vec<(String, String, bool)>> {
    let rows: Vec<(String, String, bool)> = sqlx::query_as(
        "SELECT column_name, CAST(column_type AS CHAR), is_nullable = 'NO' FROM information_schema.columns
         WHERE table_schema = COALESCE(?, DATABASE()) AND table_name = ?",
    )
    .bind(schema)
    .bind(table)
    .fetch_all(pool)
    .await?;
    Ok(rows)
}

/// Whether a type of the database can be read as values of a kind.
pub(super) fn holds(declared: &str, kind: Option<Kind>) -> bool {
    let unsigned = declared.contains("unsigned");
    let name = declared.split(['(', ' ']).next().unwrap_or_default();
    let integers = ["tinyint", "smallint", "mediumint", "int", "bigint"];
    // What every value of the column fits into.
    let fits = |signed: usize| integers[..if unsigned { signed - 1 } else { signed }].contains(&name);
    let text = ["char", "varchar", "tinytext", "text", "mediumtext", "longtext"].contains(&name);
    match kind {
        None | Some(Kind::Json) => text || name == "json",
        Some(Kind::Bool) => declared == "tinyint(1)" || declared == "bit(1)",
        Some(Kind::I16) => fits(2),
        // An unsigned integer of three bytes fits into four.
        Some(Kind::I32) => fits(4) || name == "year",
        Some(Kind::I64) => fits(5) || name == "bigint" || name == "year",
        Some(Kind::F32) => name == "float",
        Some(Kind::F64) => ["float", "double"].contains(&name),
        #[cfg(feature = "decimal")]
        Some(Kind::Decimal) => text || name == "decimal" || (!unsigned && integers.contains(&name)),
        Some(Kind::Text) => text || ["enum", "set"].contains(&name),
        Some(Kind::Uuid) => text || name == "uuid" || declared == "binary(16)" || declared == "varbinary(16)",
        Some(Kind::Date) => name == "date",
        Some(Kind::Time) => name == "time",
        Some(Kind::DateTime) => ["datetime", "timestamp"].contains(&name),
        Some(Kind::LocalDateTime) => name == "datetime",
    }
}
