//! A statement on a connection: binds in, columns out. The one place where rows of SQLite become columns.

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, TimeZone, Utc};
use rusqlite::types::ValueRef;
use rusqlite::{Connection, ErrorCode, Statement as Prepared};
use uuid::Uuid;

use crate::error::{Error, Result};
use crate::graph::TypeDef;
use crate::index::{Column, Values};
use crate::sql::room::Room;
use crate::sql::session::Ask;
use crate::sql::statement::ScopeBind;
use crate::sql::values::{keys_json, push_json_text, wrong_type, wrong_value};
use crate::sql::{Dialect, Fetched};

/// Why a statement gave no answer.
pub(super) enum Fail {
    /// It was stopped.
    Stopped,
    /// Somebody else has the lock of the database.
    Busy(Error),
    /// Somebody else has the lock of a table, in a cache that connections share.
    Locked(Error),
    Failed(Error),
}

impl From<rusqlite::Error> for Fail {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::OperationInterrupted) => Fail::Stopped,
            Some(ErrorCode::DatabaseBusy) => Fail::Busy(error.into()),
            Some(ErrorCode::DatabaseLocked) => Fail::Locked(error.into()),
            _ => Fail::Failed(error.into()),
        }
    }
}

/// Run it to its end on this thread, into these columns. `stopped` is asked before the first row and after each.
pub(super) fn fetch(
    connection: &Connection,
    ask: &Ask,
    columns: Vec<Column>,
    stopped: impl Fn() -> bool,
) -> Result<Fetched, Fail> {
    let mut prepared = connection.prepare_cached(&ask.text)?;
    bind(&mut prepared, ask)?;
    let answer: Vec<(&str, &'static TypeDef)> = ask.statement.answer().collect();
    let lead = ask.statement.lead();
    let mut fetched = Fetched { columns, ..Fetched::default() };
    let mut count = 0;
    let mut rows = prepared.raw_query();
    loop {
        if stopped() {
            return Err(Fail::Stopped);
        }
        let Some(row) = rows.next()? else { break };
        for (at, &(name, ty)) in answer.iter().enumerate() {
            // Which kind a column is, is decided: what is looked at is whether the value fits it.
            let pushed = match row.get_ref(at) {
                Ok(value) => push(&mut fetched.columns[at], name, ty, value),
                Err(error) => Err(error.into()),
            };
            if let Err(error) = pushed {
                wrong_value(&mut fetched, lead, at, count, error).map_err(Fail::Failed)?;
            }
        }
        count += 1;
    }
    fetched.affected = connection.changes();
    Room::measured(ask, &fetched.columns);
    Ok(fetched)
}

fn bind(prepared: &mut Prepared<'_>, ask: &Ask) -> rusqlite::Result<()> {
    let mut at = 0;
    let mut next = || {
        at += 1;
        at
    };
    if ask.statement.is_of_one(&ask.args.keys) {
        ask.args.keys.iter().try_for_each(|part| bind_value(prepared, next(), part))?;
    } else if !ask.args.keys.is_empty() {
        prepared.raw_bind_parameter(next(), keys_json(&ask.args.keys, Dialect::Sqlite))?;
    }
    if let Some(page) = ask.args.page {
        prepared.raw_bind_parameter(next(), page.limit)?;
        prepared.raw_bind_parameter(next(), page.offset)?;
    }
    for bind in &ask.binds {
        match bind {
            ScopeBind::One(column) => bind_value(prepared, next(), column)?,
            ScopeBind::Many(column) => {
                prepared.raw_bind_parameter(next(), keys_json(&[column.clone().into()], Dialect::Sqlite))?
            }
        }
    }
    Ok(())
}

fn bind_value(prepared: &mut Prepared<'_>, at: usize, column: &Column) -> rusqlite::Result<()> {
    if column.is_null(0) {
        return prepared.raw_bind_parameter(at, None::<i64>);
    }
    match column.values() {
        Values::Bool(v) => prepared.raw_bind_parameter(at, v[0]),
        Values::I16(v) => prepared.raw_bind_parameter(at, v[0]),
        Values::I32(v) => prepared.raw_bind_parameter(at, v[0]),
        Values::I64(v) => prepared.raw_bind_parameter(at, v[0]),
        Values::F32(v) => prepared.raw_bind_parameter(at, v[0]),
        Values::F64(v) => prepared.raw_bind_parameter(at, v[0]),
        #[cfg(feature = "decimal")]
        Values::Decimal(v) => prepared.raw_bind_parameter(at, v[0].to_string()),
        Values::Text(v) | Values::Json(v) => prepared.raw_bind_parameter(at, v.get(0)),
        Values::Uuid(v) => prepared.raw_bind_parameter(at, v[0].to_string()),
        // As `key_json` writes them.
        Values::Date(v) => prepared.raw_bind_parameter(at, v[0].format("%F").to_string()),
        Values::Time(v) => prepared.raw_bind_parameter(at, v[0].format("%T%.f").to_string()),
        Values::DateTime(v) => {
            prepared.raw_bind_parameter(at, v[0].to_rfc3339_opts(chrono::SecondsFormat::AutoSi, false))
        }
        Values::LocalDateTime(v) => prepared.raw_bind_parameter(at, v[0].format("%F %T%.f").to_string()),
        Values::List(_) | Values::Record(_) => prepared.raw_bind_parameter(at, None::<i64>),
    }
}

/// Append one value. SQLite types values, not columns: every value is looked at. What most are is decided in the loop over rows.
#[inline(always)]
fn push(column: &mut Column, name: &str, ty: &TypeDef, value: ValueRef<'_>) -> Result<()> {
    match (column.values_mut(), value) {
        (Values::I64(values), ValueRef::Integer(value)) => values.push(value),
        (Values::Text(values), ValueRef::Text(text)) => values.push(std::str::from_utf8(text)?),
        _ => return push_other(column, name, ty, value),
    }
    column.mark_valid();
    Ok(())
}

fn push_other(column: &mut Column, name: &str, ty: &TypeDef, value: ValueRef<'_>) -> Result<()> {
    use ValueRef as V;
    match (column.values_mut(), value) {
        (_, V::Null) => {
            column.push_null();
            return Ok(());
        }
        (Values::I32(values), V::Integer(value)) => {
            values.push(i32::try_from(value).map_err(|_| too_large(name, value))?);
        }
        (Values::I16(values), V::Integer(value)) => {
            values.push(i16::try_from(value).map_err(|_| too_large(name, value))?);
        }
        (Values::Bool(values), V::Integer(value)) => values.push(value != 0),
        (Values::F64(values), V::Real(value)) => values.push(value),
        (Values::F64(values), V::Integer(value)) => values.push(value as f64),
        (Values::F32(values), V::Real(value)) => values.push(value as f32),
        (Values::F32(values), V::Integer(value)) => values.push(value as f32),
        #[cfg(feature = "decimal")]
        (Values::Decimal(values), V::Integer(value)) => values.push(value.into()),
        // The shortest text that is this float: what was written, up to 15 digits.
        #[cfg(feature = "decimal")]
        (Values::Decimal(values), V::Real(value)) => values.push(decimal(name, &value.to_string())?),
        #[cfg(feature = "decimal")]
        (Values::Decimal(values), V::Text(text)) => values.push(decimal(name, std::str::from_utf8(text)?)?),
        (Values::Uuid(values), V::Text(text)) => values.push(std::str::from_utf8(text)?.parse()?),
        (Values::Uuid(values), V::Blob(bytes)) => values.push(Uuid::from_slice(bytes)?),
        (Values::Date(values), V::Text(text)) => {
            values.push(NaiveDate::parse_from_str(std::str::from_utf8(text)?, "%F")?);
        }
        (Values::Time(values), V::Text(text)) => values.push(time(std::str::from_utf8(text)?)?),
        (Values::DateTime(values), V::Text(text)) => values.push(instant(std::str::from_utf8(text)?)?.0),
        (Values::DateTime(values), V::Integer(value)) => {
            let instant = Utc.timestamp_opt(value, 0).single();
            values.push(instant.ok_or_else(|| too_large(name, value))?);
        }
        (Values::LocalDateTime(values), V::Text(text)) => values.push(instant(std::str::from_utf8(text)?)?.1),
        (Values::Json(_) | Values::List(_) | Values::Record(_), V::Text(text)) => {
            return push_json_text(column, ty, std::str::from_utf8(text)?);
        }
        (Values::Json(_), V::Integer(value)) => {
            return push_json_text(column, ty, itoa::Buffer::new().format(value));
        }
        // A column that is declared as JSON is one of numbers to SQLite.
        (Values::Json(_), V::Real(value)) => {
            return push_json_text(column, ty, &serde_json::Value::from(value).to_string());
        }
        (_, value) => return Err(wrong_type(name, ty.kind(), &value.data_type().to_string())),
    }
    column.mark_valid();
    Ok(())
}

#[cfg(feature = "decimal")]
fn decimal(name: &str, text: &str) -> Result<rust_decimal::Decimal> {
    crate::index::decimal(text).ok_or_else(|| crate::sql::values::no_decimal(name))
}

#[cold]
fn too_large(name: &str, value: i64) -> Error {
    Error::internal(format!("the column `{name}` holds {value}, too large for its field"))
}

/// A time in one of the ways that SQLite's own functions know.
fn time(text: &str) -> Result<NaiveTime> {
    const FORMATS: [&str; 6] = ["%T%.f", "%R", "%RZ", "%T%.fZ", "%R%:z", "%T%.f%:z"];
    let time = FORMATS.iter().find_map(|format| NaiveTime::parse_from_str(text, format).ok());
    time.ok_or_else(|| Error::internal(format!("`{text}` is no time")))
}

/// A date with a time in one of the ways that SQLite's own functions know: the instant, and what its clock says.
fn instant(text: &str) -> Result<(DateTime<Utc>, NaiveDateTime)> {
    const FORMATS: [&str; 12] = [
        "%F %T%.f",
        "%F %R",
        "%F %RZ",
        "%F %R%:z",
        "%F %T%.fZ",
        "%F %T%.f%:z",
        "%FT%R",
        "%FT%RZ",
        "%FT%R%:z",
        "%FT%T%.f",
        "%FT%T%.fZ",
        "%FT%T%.f%:z",
    ];
    if let Ok(instant) = DateTime::parse_from_rfc3339(text) {
        return Ok((instant.to_utc(), instant.naive_local()));
    }
    for format in FORMATS {
        if let Ok(instant) = DateTime::parse_from_str(text, format) {
            return Ok((instant.to_utc(), instant.naive_local()));
        }
        if let Ok(local) = NaiveDateTime::parse_from_str(text, format) {
            return Ok((local.and_utc(), local));
        }
    }
    Err(Error::internal(format!("`{text}` is no date with a time")))
}
