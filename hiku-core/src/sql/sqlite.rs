//! SQLite through sqlx.

use std::str::FromStr;
use std::time::Duration;

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Utc};
use futures_util::TryStreamExt;
use sqlx::pool::PoolConnection;
use sqlx::query::Query;
use sqlx::sqlite::{SqliteArguments, SqliteConnectOptions, SqliteJournalMode, SqliteRow, SqliteValueRef};
use sqlx::{AssertSqlSafe, Row, Sqlite, SqlitePool, TypeInfo, ValueRef};
use uuid::Uuid;

use super::db::{Failed, pool_options};
use super::session::{FetchArgs, Fetched};
use super::statement::{ScopeBind, Statement};
use super::values::{keys_json, push_json_text, wrong_type, wrong_value};
use crate::error::{Error, Result};
use crate::graph::{Kind, TypeDef};
use crate::index::{Column, Values};

/// Rows cross from sqlx's thread in portions of this many; a tenth of the time at the default of 50 was measured lost.
const ROWS_AT_ONCE: usize = 1000;

pub(super) async fn connect(url: &str) -> Result<SqlitePool> {
    let options = SqliteConnectOptions::from_str(url)?
        .foreign_keys(true)
        .busy_timeout(Duration::from_secs(5))
        // An address that says how to open the file is taken at its word.
        .create_if_missing(!url.contains("mode=") || url.contains("mode=rwc"))
        .row_buffer_size(ROWS_AT_ONCE);
    let memory = url.contains(":memory:") || url.contains("mode=memory");
    if memory {
        // Every connection would be a database of its own, and the last one to close takes its rows with it.
        return Ok(pool_options::<Sqlite>()
            .max_connections(1)
            .idle_timeout(None)
            .max_lifetime(None)
            .connect_with(options)
            .await?);
    }
    Ok(pool_options::<Sqlite>().connect_with(options.journal_mode(SqliteJournalMode::Wal)).await?)
}

pub(super) async fn fetch(
    connection: &mut PoolConnection<Sqlite>,
    text: &std::sync::Arc<str>,
    statement: &Statement,
    args: &FetchArgs,
    scope: &[ScopeBind],
) -> Result<Fetched, Failed> {
    let mut query = sqlx::query(AssertSqlSafe(text.clone()));
    if !args.keys.is_empty() {
        query = query.bind(keys_json(&args.keys));
    }
    if let Some(page) = args.page {
        query = query.bind(page.limit).bind(page.offset);
    }
    for bind in scope {
        query = match bind {
            ScopeBind::One(column) => bind_value(query, column),
            ScopeBind::Many(column) => query.bind(keys_json(&[column.clone().into()])),
        };
    }
    let answer: Vec<(&str, &'static TypeDef)> = statement.answer().collect();
    let lead = statement.lead();
    let columns = answer.iter().map(|(_, ty)| Column::new(ty)).collect();
    let mut fetched = Fetched { columns, errors: Vec::new() };
    let mut rows = 0;
    let mut stream = query.fetch(&mut **connection);
    while let Some(row) = stream.try_next().await.map_err(|error| Failed::new(error, rows))? {
        for (at, (name, ty)) in answer.iter().enumerate() {
            if let Err(error) = push(&mut fetched.columns[at], name, ty, &row, at) {
                wrong_value(&mut fetched, lead, at, rows, error).map_err(Failed::value)?;
            }
        }
        rows += 1;
    }
    Ok(fetched)
}

fn bind_value<'q>(query: Query<'q, Sqlite, SqliteArguments>, column: &Column) -> Query<'q, Sqlite, SqliteArguments> {
    if column.is_null(0) {
        return query.bind(None::<i64>);
    }
    match column.values() {
        Values::Bool(v) => query.bind(v[0]),
        Values::I16(v) => query.bind(v[0]),
        Values::I32(v) => query.bind(v[0]),
        Values::I64(v) => query.bind(v[0]),
        Values::F32(v) => query.bind(v[0]),
        Values::F64(v) => query.bind(v[0]),
        #[cfg(feature = "decimal")]
        Values::Decimal(v) => query.bind(v[0].to_string()),
        Values::Text(v) | Values::Json(v) => query.bind(v.get(0).to_owned()),
        Values::Uuid(v) => query.bind(v[0].to_string()),
        Values::Date(v) => query.bind(v[0]),
        Values::Time(v) => query.bind(v[0]),
        Values::DateTime(v) => query.bind(v[0]),
        Values::LocalDateTime(v) => query.bind(v[0]),
        Values::List(_) | Values::Record(_) => query.bind(None::<i64>),
    }
}

/// Append one value. SQLite types values, not columns: every value is looked at.
fn push(column: &mut Column, name: &str, ty: &TypeDef, row: &SqliteRow, at: usize) -> Result<()> {
    let raw = row.try_get_raw(at)?;
    if raw.is_null() {
        column.push_null();
        return Ok(());
    }
    let wrong = |raw: &SqliteValueRef<'_>| wrong_type(name, ty.kind(), raw.type_info().name());
    let kind = raw.type_info().name().as_bytes().first().copied();
    let (integer, real, text) = (
        matches!(kind, Some(b'I' | b'B')) && raw.type_info().name() != "BLOB",
        kind == Some(b'R'),
        kind == Some(b'T') || kind == Some(b'D'),
    );
    let range = |value: i64| Error::internal(format!("the column `{name}` holds {value}, too large for its field"));
    match column.values_mut() {
        Values::I64(values) if integer => values.push(row.try_get_unchecked::<i64, _>(at)?),
        Values::I32(values) if integer => {
            let value = row.try_get_unchecked::<i64, _>(at)?;
            values.push(i32::try_from(value).map_err(|_| range(value))?);
        }
        Values::I16(values) if integer => {
            let value = row.try_get_unchecked::<i64, _>(at)?;
            values.push(i16::try_from(value).map_err(|_| range(value))?);
        }
        Values::Bool(values) if integer => values.push(row.try_get_unchecked::<i64, _>(at)? != 0),
        Values::F64(values) if real || integer => values.push(row.try_get_unchecked::<f64, _>(at)?),
        Values::F32(values) if real || integer => values.push(row.try_get_unchecked::<f64, _>(at)? as f32),
        #[cfg(feature = "decimal")]
        Values::Decimal(values) if text || integer || real => {
            let found = match (integer, real) {
                (true, _) => Some(row.try_get_unchecked::<i64, _>(at)?.into()),
                // The shortest text that is this float: what was written, up to 15 digits.
                (_, true) => crate::index::decimal(&row.try_get_unchecked::<f64, _>(at)?.to_string()),
                _ => crate::index::decimal(row.try_get_unchecked::<&str, _>(at)?),
            };
            values.push(found.ok_or_else(|| super::values::no_decimal(name))?);
        }
        Values::Text(values) if text => values.push(row.try_get_unchecked::<&str, _>(at)?),
        Values::Uuid(values) if text => values.push(row.try_get_unchecked::<&str, _>(at)?.parse()?),
        Values::Uuid(values) if !integer && !real => values.push(row.try_get_unchecked::<Uuid, _>(at)?),
        Values::Date(values) if text => values.push(row.try_get_unchecked::<NaiveDate, _>(at)?),
        Values::Time(values) if text => values.push(row.try_get_unchecked::<NaiveTime, _>(at)?),
        Values::DateTime(values) if text || integer => values.push(row.try_get_unchecked::<DateTime<Utc>, _>(at)?),
        Values::LocalDateTime(values) if text => values.push(row.try_get_unchecked::<NaiveDateTime, _>(at)?),
        Values::Json(_) | Values::List(_) | Values::Record(_) if text => {
            return push_json_text(column, ty, row.try_get_unchecked::<&str, _>(at)?);
        }
        Values::Json(_) if integer => {
            let value = row.try_get_unchecked::<i64, _>(at)?;
            return push_json_text(column, ty, itoa::Buffer::new().format(value));
        }
        // A column that is declared as JSON is one of numbers to SQLite.
        Values::Json(_) if real => {
            let value = row.try_get_unchecked::<f64, _>(at)?;
            return push_json_text(column, ty, &serde_json::Value::from(value).to_string());
        }
        _ => return Err(wrong(&raw)),
    }
    column.mark_valid();
    Ok(())
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
