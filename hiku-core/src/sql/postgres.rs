//! PostgreSQL through sqlx.

mod lent;

use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use chrono::{NaiveDate, NaiveDateTime, NaiveTime};
use futures_util::TryStreamExt;
use sqlx::pool::PoolOptions;
use sqlx::postgres::{PgArguments, PgConnectOptions, PgRow, PgTypeKind, PgValueFormat};
use sqlx::query::Query;
use sqlx::{
    AssertSqlSafe, Connection as _, Either, Executor as _, PgConnection, PgPool, Postgres, Row, TypeInfo, ValueRef,
};
use uuid::Uuid;

use super::db::{Failed, pool_options};
use super::room::Room;
use super::session::{Ask, Fetched, give_way};
use super::statement::ScopeBind;
use super::values::{push_json_text, wrong_type, wrong_value};
use crate::error::{Error, Result};
use crate::graph::{Kind, TypeDef};
use crate::index::{Column, Text, Values};

pub(super) use lent::{Lent, end_lent};

/// How long a connection may be idle before it is asked whether it still lives. Asking costs more than a small statement.
const PING_AFTER: Duration = Duration::from_secs(5);

pub(super) async fn connect(url: &str) -> Result<PgPool> {
    connect_with(url, pool_options(), None).await
}

pub(super) async fn connect_with(
    url: &str,
    options: PoolOptions<Postgres>,
    statement_timeout: Option<Duration>,
) -> Result<PgPool> {
    let options = options.before_acquire(|connection, meta| {
        Box::pin(async move {
            if meta.idle_for > PING_AFTER {
                sqlx::Connection::ping(connection).await?;
            }
            Ok(true)
        })
    });
    let mut address = PgConnectOptions::from_str(url)?;
    if let Some(timeout) = statement_timeout {
        // 0 would be no limit.
        address = address.options([("statement_timeout", timeout.as_millis().max(1).to_string())]);
    }
    // A pool tries again and again where nothing listens; at start-up the reason is wanted at once.
    PgConnection::connect_with(&address).await?.close().await?;
    Ok(options.connect_with(address).await?)
}

pub(super) async fn fetch(connection: &mut PgConnection, ask: &Ask) -> Result<Fetched, Failed> {
    let Ask { statement, args, text, binds: scope, .. } = ask;
    let mut query = sqlx::query(AssertSqlSafe(text.clone()));
    if statement.is_of_one(&args.keys) {
        query = args.keys.iter().fold(query, |query, part| bind_value(query, part));
    } else {
        let possible = possible_keys(&args.keys);
        for column in possible.as_deref().unwrap_or(&args.keys) {
            query = bind_list(query, column);
        }
    }
    if let Some(page) = args.page {
        query = query.bind(page.limit).bind(page.offset);
    }
    for bind in scope {
        query = match bind {
            ScopeBind::One(column) => bind_value(query, column),
            ScopeBind::Many(column) => {
                let column = [Arc::new(column.clone())];
                bind_list(query, &possible_keys(&column).as_deref().unwrap_or(&column)[0])
            }
        };
    }
    let answer: Vec<(&str, &'static TypeDef)> = statement.answer().collect();
    let lead = statement.lead();
    let mut fetched = Fetched { columns: Room::columns(ask), ..Fetched::default() };
    let mut readers: Vec<Result<Reader>> = Vec::new();
    let mut rows = 0;
    let mut stream = connection.fetch_many(query);
    while let Some(next) = stream.try_next().await.map_err(|error| Failed::new(error, rows))? {
        let row = match next {
            Either::Left(done) => {
                fetched.affected += done.rows_affected();
                continue;
            }
            Either::Right(row) => row,
        };
        if rows == 0 {
            // The types of a statement are the same for all rows: how each column is read is decided once.
            readers.extend(answer.iter().enumerate().map(|(at, (name, ty))| Reader::of(&row, at, name, ty)));
        }
        for (at, reader) in readers.iter().enumerate() {
            let column = &mut fetched.columns[at];
            let pushed = match reader {
                Ok(reader) => reader.push(column, &row, at, answer[at]),
                Err(_) if row.try_get_raw(at).is_ok_and(|raw| raw.is_null()) => {
                    column.push_null();
                    Ok(())
                }
                Err(error) => Err(error.clone()),
            };
            if let Err(error) = pushed {
                wrong_value(&mut fetched, lead, at, rows, error).map_err(Failed::value)?;
            }
        }
        rows += 1;
        give_way(rows).await;
    }
    Room::measured(ask, &fetched.columns);
    Ok(fetched)
}

/// PostgreSQL has no text with NUL in it, and refuses the whole statement that brings one. Nothing there equals such a key:
/// the keys without those that have it, if there are any.
fn possible_keys(keys: &[Arc<Column>]) -> Option<Vec<Arc<Column>>> {
    let impossible = |column: &Column, row| matches!(column.values(), Values::Text(text) if has_nul(text.get(row)));
    if !keys.iter().any(|column| matches!(column.values(), Values::Text(text) if text.iter().any(has_nul))) {
        return None;
    }
    let rows = keys.first().map_or(0, |column| column.len());
    let possible: Vec<usize> = (0..rows).filter(|&row| !keys.iter().any(|column| impossible(column, row))).collect();
    Some(keys.iter().map(|column| Arc::new(column.take(possible.iter().copied()))).collect())
}

fn has_nul(text: &str) -> bool {
    text.as_bytes().contains(&0)
}

type Pg<'q> = Query<'q, Postgres, PgArguments>;

fn texts(text: &Text) -> Vec<String> {
    text.iter().map(str::to_owned).collect()
}

/// As [`bind_list`], with nulls in it: values to store. Keys and filters have none.
fn bind_nullable<'q>(query: Pg<'q>, column: &Column) -> Pg<'q> {
    fn some<T: Clone>(column: &Column, values: &[T]) -> Vec<Option<T>> {
        values.iter().enumerate().map(|(row, value)| (!column.is_null(row)).then(|| value.clone())).collect()
    }
    match column.values() {
        Values::Bool(v) => query.bind(some(column, v)),
        Values::I16(v) => query.bind(some(column, v)),
        Values::I32(v) => query.bind(some(column, v)),
        Values::I64(v) => query.bind(some(column, v)),
        Values::F32(v) => query.bind(some(column, v)),
        Values::F64(v) => query.bind(some(column, v)),
        #[cfg(feature = "decimal")]
        Values::Decimal(v) => query.bind(some(column, v)),
        Values::Text(v) | Values::Json(v) => query.bind(some(column, &texts(v))),
        Values::Uuid(v) => query.bind(some(column, v)),
        Values::Date(v) => query.bind(some(column, v)),
        Values::Time(v) => query.bind(some(column, v)),
        Values::DateTime(v) => query.bind(some(column, v)),
        Values::LocalDateTime(v) => query.bind(some(column, v)),
        Values::List(_) | Values::Record(_) => query.bind(None::<Vec<i64>>),
    }
}

fn bind_list<'q>(query: Pg<'q>, column: &Column) -> Pg<'q> {
    if column.has_nulls() {
        return bind_nullable(query, column);
    }
    match column.values() {
        Values::Bool(v) => query.bind(v.clone()),
        Values::I16(v) => query.bind(v.clone()),
        Values::I32(v) => query.bind(v.clone()),
        Values::I64(v) => query.bind(v.clone()),
        Values::F32(v) => query.bind(v.clone()),
        Values::F64(v) => query.bind(v.clone()),
        #[cfg(feature = "decimal")]
        Values::Decimal(v) => query.bind(v.clone()),
        Values::Text(v) | Values::Json(v) => query.bind(texts(v)),
        Values::Uuid(v) => query.bind(v.clone()),
        Values::Date(v) => query.bind(v.clone()),
        Values::Time(v) => query.bind(v.clone()),
        Values::DateTime(v) => query.bind(v.clone()),
        Values::LocalDateTime(v) => query.bind(v.clone()),
        Values::List(_) | Values::Record(_) => query.bind(None::<Vec<i64>>),
    }
}

fn bind_value<'q>(query: Pg<'q>, column: &Column) -> Pg<'q> {
    fn value<T: Copy>(column: &Column, values: &[T]) -> Option<T> {
        (!column.is_null(0)).then(|| values[0])
    }
    match column.values() {
        Values::Bool(v) => query.bind(value(column, v)),
        Values::I16(v) => query.bind(value(column, v)),
        Values::I32(v) => query.bind(value(column, v)),
        Values::I64(v) => query.bind(value(column, v)),
        Values::F32(v) => query.bind(value(column, v)),
        Values::F64(v) => query.bind(value(column, v)),
        #[cfg(feature = "decimal")]
        Values::Decimal(v) => query.bind(value(column, v)),
        Values::Text(v) | Values::Json(v) => {
            let possible = !column.is_null(0) && !has_nul(v.get(0));
            query.bind(possible.then(|| v.get(0).to_owned()))
        }
        Values::Uuid(v) => query.bind(value(column, v)),
        Values::Date(v) => query.bind(value(column, v)),
        Values::Time(v) => query.bind(value(column, v)),
        Values::DateTime(v) => query.bind(value(column, v)),
        Values::LocalDateTime(v) => query.bind(value(column, v)),
        Values::List(_) | Values::Record(_) => query.bind(None::<i64>),
    }
}

/// How the values of one column of an answer are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reader {
    Int,
    Float,
    #[cfg(feature = "decimal")]
    Decimal,
    Bool,
    Text,
    Uuid,
    Date,
    Time,
    DateTime,
    LocalDateTime,
    Json,
    /// Binary JSON has a version in front.
    JsonBinary,
    JsonText,
    /// An array of the database, by the kind of its items.
    Array(Kind),
}

impl Reader {
    fn of(row: &PgRow, at: usize, name: &str, ty: &TypeDef) -> Result<Reader> {
        let raw = row.try_get_raw(at)?;
        let found = raw.type_info().name().to_owned();
        let is_enum = matches!(raw.type_info().kind(), PgTypeKind::Enum(_));
        let reader = match (ty.kind(), found.as_str()) {
            (Some(Kind::Text), _) if is_enum => Reader::Text,
            (Some(Kind::I16 | Kind::I32 | Kind::I64), "INT2" | "INT4" | "INT8") => Reader::Int,
            (Some(Kind::F32 | Kind::F64), "FLOAT4" | "FLOAT8") => Reader::Float,
            #[cfg(feature = "decimal")]
            (Some(Kind::Decimal), "NUMERIC") => Reader::Decimal,
            #[cfg(feature = "decimal")]
            (Some(Kind::Decimal), "INT2" | "INT4" | "INT8") => Reader::Int,
            (Some(Kind::Bool), "BOOL") => Reader::Bool,
            (Some(Kind::Text), "TEXT" | "VARCHAR" | "CHAR" | "NAME" | "citext" | "CITEXT" | "UNKNOWN") => Reader::Text,
            (Some(Kind::Uuid), "UUID") => Reader::Uuid,
            (Some(Kind::Date), "DATE") => Reader::Date,
            (Some(Kind::Time), "TIME") => Reader::Time,
            (Some(Kind::DateTime), "TIMESTAMPTZ") => Reader::DateTime,
            (Some(Kind::LocalDateTime), "TIMESTAMP") => Reader::LocalDateTime,
            (Some(Kind::Json) | None, "JSON") => Reader::Json,
            (Some(Kind::Json) | None, "JSONB") => Reader::JsonBinary,
            (Some(Kind::Json) | None, "TEXT" | "VARCHAR") => Reader::JsonText,
            (None, array) if array.ends_with("[]") => {
                let item = match ty.non_null() {
                    TypeDef::List(item) => item.kind(),
                    _ => None,
                };
                match (item, array) {
                    (Some(Kind::I16), "INT2[]") => Reader::Array(Kind::I16),
                    (Some(Kind::I32), "INT4[]") => Reader::Array(Kind::I32),
                    (Some(Kind::I64), "INT8[]") => Reader::Array(Kind::I64),
                    (Some(Kind::F64), "FLOAT8[]") => Reader::Array(Kind::F64),
                    (Some(Kind::Bool), "BOOL[]") => Reader::Array(Kind::Bool),
                    (Some(Kind::Text), "TEXT[]" | "VARCHAR[]") => Reader::Array(Kind::Text),
                    (Some(Kind::Uuid), "UUID[]") => Reader::Array(Kind::Uuid),
                    _ => return Err(wrong_type(name, ty.kind(), array)),
                }
            }
            (kind, found) => return Err(wrong_type(name, kind, found)),
        };
        Ok(reader)
    }

    fn push(self, column: &mut Column, row: &PgRow, at: usize, (name, ty): (&str, &TypeDef)) -> Result<()> {
        let raw = row.try_get_raw(at)?;
        if raw.is_null() {
            column.push_null();
            return Ok(());
        }
        let range = |value: i64| Error::internal(format!("the column `{name}` holds {value}, too large for its field"));
        match (self, column.values_mut()) {
            (Reader::Int, Values::I64(values)) => values.push(integer(&raw)?),
            (Reader::Int, Values::I32(values)) => {
                let value = integer(&raw)?;
                values.push(i32::try_from(value).map_err(|_| range(value))?);
            }
            (Reader::Int, Values::I16(values)) => {
                let value = integer(&raw)?;
                values.push(i16::try_from(value).map_err(|_| range(value))?);
            }
            (Reader::Float, Values::F64(values)) => values.push(float(&raw)?),
            (Reader::Float, Values::F32(values)) => values.push(float(&raw)? as f32),
            #[cfg(feature = "decimal")]
            (Reader::Int, Values::Decimal(values)) => values.push(integer(&raw)?.into()),
            #[cfg(feature = "decimal")]
            (Reader::Decimal, Values::Decimal(values)) => {
                values.push(numeric(&raw)?.ok_or_else(|| super::values::no_decimal(name))?);
            }
            (Reader::Bool, Values::Bool(values)) => values.push(row.try_get_unchecked::<bool, _>(at)?),
            (Reader::Text, Values::Text(values)) => values.push(raw.as_str().map_err(sqlx::Error::Decode)?),
            (Reader::Uuid, Values::Uuid(values)) => values.push(row.try_get_unchecked::<Uuid, _>(at)?),
            (Reader::Date, Values::Date(values)) => values.push(date(&raw)?),
            (Reader::Time, Values::Time(values)) => values.push(row.try_get_unchecked::<NaiveTime, _>(at)?),
            (Reader::DateTime, Values::DateTime(values)) => values.push(instant(&raw)?.and_utc()),
            (Reader::LocalDateTime, Values::LocalDateTime(values)) => values.push(instant(&raw)?),
            (Reader::Json | Reader::JsonText, _) => {
                return push_json_text(column, ty, raw.as_str().map_err(sqlx::Error::Decode)?);
            }
            (Reader::JsonBinary, _) => {
                let bytes = raw.as_bytes().map_err(sqlx::Error::Decode)?;
                let text =
                    if raw.format() == PgValueFormat::Binary { bytes.get(1..).unwrap_or_default() } else { bytes };
                return push_json_text(column, ty, std::str::from_utf8(text)?);
            }
            (Reader::Array(kind), _) => return push_array(kind, column, row, at),
            _ => return Err(wrong_type(name, ty.kind(), raw.type_info().name())),
        }
        column.mark_valid();
        Ok(())
    }
}

fn integer(raw: &sqlx::postgres::PgValueRef<'_>) -> Result<i64> {
    let bytes = raw.as_bytes().map_err(sqlx::Error::Decode)?;
    Ok(match *bytes {
        [a, b] if raw.format() == PgValueFormat::Binary => i64::from(i16::from_be_bytes([a, b])),
        [a, b, c, d] if raw.format() == PgValueFormat::Binary => i64::from(i32::from_be_bytes([a, b, c, d])),
        [a, b, c, d, e, f, g, h] if raw.format() == PgValueFormat::Binary => {
            i64::from_be_bytes([a, b, c, d, e, f, g, h])
        }
        _ => std::str::from_utf8(bytes)?.parse()?,
    })
}

fn float(raw: &sqlx::postgres::PgValueRef<'_>) -> Result<f64> {
    let bytes = raw.as_bytes().map_err(sqlx::Error::Decode)?;
    Ok(match *bytes {
        [a, b, c, d] if raw.format() == PgValueFormat::Binary => f64::from(f32::from_be_bytes([a, b, c, d])),
        [a, b, c, d, e, f, g, h] if raw.format() == PgValueFormat::Binary => {
            f64::from_be_bytes([a, b, c, d, e, f, g, h])
        }
        _ => std::str::from_utf8(bytes)?.parse()?,
    })
}

/// A decimal number by its digits to the base of 10,000; none if it is infinite, no number, or longer than a `Decimal`.
/// sqlx's own reading rounds, and forgets how many places a zero has.
#[cfg(feature = "decimal")]
fn numeric(raw: &sqlx::postgres::PgValueRef<'_>) -> Result<Option<rust_decimal::Decimal>> {
    use std::fmt::Write as _;

    let bytes = raw.as_bytes().map_err(sqlx::Error::Decode)?;
    if raw.format() != PgValueFormat::Binary {
        return Ok(crate::index::decimal(std::str::from_utf8(bytes)?));
    }
    let mut parts = bytes.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]]));
    let mut next = || parts.next().unwrap_or_default();
    // The weight is that of the first digit; of digits that are not there, it and the scale say that they are zero.
    let (count, weight, sign, scale) = (next(), i32::from(next().cast_signed()), next(), usize::from(next()));
    if !matches!(sign, 0 | 0x4000) || weight > 7 || scale > 28 {
        return Ok(None);
    }
    let digits: Vec<u16> = (0..count).map(|_| next()).collect();
    let digit = |at: i32| usize::try_from(weight - at).ok().and_then(|at| digits.get(at)).copied().unwrap_or_default();
    let mut text = String::from(if sign == 0 { "" } else { "-" });
    for at in (0..=weight.max(0)).rev() {
        let _ = write!(text, "{:04}", digit(at));
    }
    if scale > 0 {
        text.push('.');
        let start = text.len();
        for at in 1..=scale.div_ceil(4) {
            let _ = write!(text, "{:04}", digit(-(at as i32)));
        }
        text.truncate(start + scale);
    }
    Ok(crate::index::decimal(&text))
}

/// A date by its days since 2000. sqlx's own reading panics at `infinity`, which is no day.
fn date(raw: &sqlx::postgres::PgValueRef<'_>) -> Result<NaiveDate> {
    let days = integer(raw)?;
    let day = chrono::TimeDelta::try_days(days).and_then(|days| EPOCH.checked_add_signed(days));
    day.ok_or_else(|| Error::internal("a date is infinite, or beyond what can be read"))
}

/// An instant by its microseconds since 2000. sqlx's own reading panics at `infinity`, which is no instant.
fn instant(raw: &sqlx::postgres::PgValueRef<'_>) -> Result<NaiveDateTime> {
    let at = EPOCH.and_time(NaiveTime::MIN).checked_add_signed(chrono::TimeDelta::microseconds(integer(raw)?));
    at.ok_or_else(|| Error::internal("a time is infinite, or beyond what can be read"))
}

/// Where PostgreSQL counts dates and times from.
const EPOCH: NaiveDate = NaiveDate::from_ymd_opt(2000, 1, 1).expect("it is a day");

fn push_array(kind: Kind, column: &mut Column, row: &PgRow, at: usize) -> Result<()> {
    fn put<T>(column: &mut Column, row: &PgRow, at: usize) -> Result<()>
    where
        T: crate::index::Value + for<'r> sqlx::Decode<'r, Postgres> + sqlx::Type<Postgres>,
        Vec<Option<T>>: for<'r> sqlx::Decode<'r, Postgres> + sqlx::Type<Postgres>,
    {
        let items = row.try_get_unchecked::<Vec<Option<T>>, _>(at)?;
        crate::index::Value::write_to(&items, column);
        Ok(())
    }
    match kind {
        Kind::I16 => put::<i16>(column, row, at),
        Kind::I32 => put::<i32>(column, row, at),
        Kind::I64 => put::<i64>(column, row, at),
        Kind::F64 => put::<f64>(column, row, at),
        Kind::Bool => put::<bool>(column, row, at),
        Kind::Text => put::<String>(column, row, at),
        Kind::Uuid => put::<Uuid>(column, row, at),
        other => Err(Error::internal(format!("arrays of {other:?} are not read"))),
    }
}

/// What the catalogue says of a table: column, type, never null. Empty if there is no such table.
pub(super) async fn table_columns(
    pool: &PgPool,
    schema: Option<&str>,
    table: &str,
) -> Result<Vec<(String, String, bool)>> {
    let rows: Vec<(String, String, bool)> = sqlx::query_as(
        "SELECT a.attname::text, format_type(a.atttypid, NULL), a.attnotnull FROM pg_attribute a
         WHERE a.attrelid = to_regclass(CASE WHEN $1::text IS NULL THEN quote_ident($2)
               ELSE quote_ident($1) || '.' || quote_ident($2) END) AND a.attnum > 0 AND NOT a.attisdropped",
    )
    .bind(schema)
    .bind(table)
    .fetch_all(pool)
    .await?;
    Ok(rows)
}

/// Whether a type of the database can be read as values of a kind.
pub(super) fn holds(declared: &str, kind: Option<Kind>) -> bool {
    let integers = ["smallint", "integer", "bigint"];
    match kind {
        None => declared.ends_with("[]") || ["json", "jsonb", "text"].contains(&declared),
        Some(Kind::Json) => ["json", "jsonb", "text", "character varying"].contains(&declared),
        Some(Kind::Bool) => declared == "boolean",
        Some(Kind::I16) => declared == integers[0],
        Some(Kind::I32) => integers[..2].contains(&declared),
        Some(Kind::I64) => integers.contains(&declared),
        Some(Kind::F32) => declared == "real",
        Some(Kind::F64) => ["real", "double precision"].contains(&declared),
        #[cfg(feature = "decimal")]
        Some(Kind::Decimal) => declared == "numeric" || integers.contains(&declared),
        Some(Kind::Text) => ["text", "character varying", "character", "name", "citext"].contains(&declared),
        Some(Kind::Uuid) => declared == "uuid",
        Some(Kind::Date) => declared == "date",
        Some(Kind::Time) => declared == "time without time zone",
        Some(Kind::DateTime) => declared == "timestamp with time zone",
        Some(Kind::LocalDateTime) => declared == "timestamp without time zone",
    }
}
