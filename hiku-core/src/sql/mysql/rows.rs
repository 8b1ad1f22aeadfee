//! Rows of MariaDB as columns, and values of columns as binds.

use std::sync::Arc;

use chrono::{NaiveDate, NaiveDateTime, NaiveTime};
use futures_util::TryStreamExt;
use sqlx::mysql::{MySqlArguments, MySqlConnection, MySqlRow};
use sqlx::query::Query;
use sqlx::{AssertSqlSafe, Decode, Either, Executor, MySql, Row, Type, TypeInfo, ValueRef};
use uuid::Uuid;

use super::stop::Run;
use crate::error::{Error, Result};
use crate::graph::{Kind, TypeDef};
use crate::index::{Column, Values};
use crate::sql::db::Failed;
use crate::sql::room::Room;
use crate::sql::session::{Ask, give_way};
use crate::sql::statement::ScopeBind;
use crate::sql::values::{keys_json, push_json_text, wrong_type, wrong_value};
use crate::sql::{Dialect, Fetched};

/// Run a statement. `numbers` says which value each of its placeholders has.
pub(super) async fn fetch(
    connection: &mut MySqlConnection,
    ask: &Ask,
    text: Arc<str>,
    numbers: &[usize],
    run: &Run,
) -> Result<Fetched, Failed> {
    let query = bind(sqlx::query(AssertSqlSafe(text)), ask, numbers);
    let answer: Vec<(&str, &'static TypeDef)> = ask.statement.answer().collect();
    let lead = ask.statement.lead();
    let mut fetched = Fetched { columns: Room::columns(ask), ..Fetched::default() };
    let mut readers: Vec<Result<Reader>> = Vec::new();
    let mut rows = 0;
    let mut wrong = None;
    let mut passed = 0;
    let mut stream = connection.fetch_many(query);
    while let Some(next) = stream.try_next().await.map_err(|error| Failed::new(error, rows))? {
        let row = match next {
            Either::Left(done) => {
                fetched.affected += done.rows_affected();
                continue;
            }
            Either::Right(row) => row,
        };
        passed += 1;
        give_way(passed).await;
        // What nobody waits for, or is of no use any more, is read to its end all the same: the next answer comes after it.
        if run.is_dropped() || wrong.is_some() {
            continue;
        }
        if rows == 0 {
            // The types of a statement are the same for all rows: how each column is read is decided once.
            let table = &ask.statement.table.name;
            readers.extend(answer.iter().enumerate().map(|(at, (name, ty))| Reader::of(&row, at, table, name, ty)));
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
            if let Err(error) = pushed
                && let Err(error) = wrong_value(&mut fetched, lead, at, rows, error)
            {
                wrong = Some(error);
                break;
            }
        }
        rows += 1;
    }
    match wrong {
        None => {
            Room::measured(ask, &fetched.columns);
            Ok(fetched)
        }
        Some(error) => Err(Failed::value(error)),
    }
}

type My<'q> = Query<'q, MySql, MySqlArguments>;

/// One value that is bound.
enum Bound<'a> {
    Keys(String),
    Number(i64),
    One(&'a Column),
}

fn bind<'q>(mut query: My<'q>, ask: &Ask, numbers: &[usize]) -> My<'q> {
    let mut all = Vec::new();
    if !ask.args.keys.is_empty() {
        all.push(Bound::Keys(keys_json(&ask.args.keys, Dialect::MySql)));
    }
    if let Some(page) = ask.args.page {
        all.extend([Bound::Number(page.limit), Bound::Number(page.offset)]);
    }
    all.extend(ask.binds.iter().map(|bind| match bind {
        ScopeBind::One(column) => Bound::One(column),
        ScopeBind::Many(column) => Bound::Keys(keys_json(&[column.clone().into()], Dialect::MySql)),
    }));
    for &number in numbers {
        query = match all.get(number - 1) {
            Some(Bound::Keys(json)) => query.bind(json.clone()),
            Some(Bound::Number(value)) => query.bind(*value),
            Some(Bound::One(column)) => bind_value(query, column),
            None => query.bind(None::<i64>),
        };
    }
    query
}

fn bind_value<'q>(query: My<'q>, column: &Column) -> My<'q> {
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
        Values::Text(v) | Values::Json(v) => query.bind((!column.is_null(0)).then(|| v.get(0).to_owned())),
        Values::Uuid(v) => query.bind(value(column, v).map(|uuid| uuid.to_string())),
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
    Unsigned,
    Float,
    #[cfg(feature = "decimal")]
    Decimal,
    /// An integer that is 0 or 1.
    Bool,
    /// A bit.
    Bit,
    Text,
    UuidText,
    UuidBytes,
    Date,
    Time,
    DateTime,
    LocalDateTime,
    JsonText,
}

impl Reader {
    fn of(row: &MySqlRow, at: usize, table: &str, name: &str, ty: &TypeDef) -> Result<Reader> {
        let raw = row.try_get_raw(at)?;
        let info = raw.type_info();
        let found = info.name();
        // A text that is compared by its bytes is told from bytes by its collation only.
        let text = <str as Type<MySql>>::compatible(&info);
        let unsigned = found.ends_with(" UNSIGNED") || found == "YEAR";
        let integer = match found {
            "BOOLEAN" | "TINYINT" | "SMALLINT" | "MEDIUMINT" | "INT" | "BIGINT" => true,
            _ => unsigned,
        };
        let reader = match (ty.kind(), found) {
            (Some(Kind::I16 | Kind::I32 | Kind::I64), _) if unsigned => Reader::Unsigned,
            (Some(Kind::I16 | Kind::I32 | Kind::I64), _) if integer => Reader::Int,
            (Some(Kind::F32 | Kind::F64), "FLOAT" | "DOUBLE") => Reader::Float,
            #[cfg(feature = "decimal")]
            (Some(Kind::Decimal), "DECIMAL") => Reader::Decimal,
            #[cfg(feature = "decimal")]
            (Some(Kind::Decimal), _) if text => Reader::Decimal,
            #[cfg(feature = "decimal")]
            (Some(Kind::Decimal), _) if integer && !unsigned => Reader::Int,
            // What compares is an integer to MariaDB.
            (Some(Kind::Bool), "BOOLEAN" | "TINYINT" | "INT" | "BIGINT") => Reader::Bool,
            (Some(Kind::Bool), "BIT") => Reader::Bit,
            (Some(Kind::Text), "SET") => Reader::Text,
            (Some(Kind::Text), _) if text => Reader::Text,
            (Some(Kind::Uuid), _) if text => Reader::UuidText,
            (Some(Kind::Uuid), "BINARY" | "VARBINARY") => Reader::UuidBytes,
            (Some(Kind::Date), "DATE") => Reader::Date,
            (Some(Kind::Time), "TIME") => Reader::Time,
            // The session is in UTC.
            (Some(Kind::DateTime), "TIMESTAMP" | "DATETIME") => Reader::DateTime,
            (Some(Kind::LocalDateTime), "DATETIME") => Reader::LocalDateTime,
            (Some(Kind::Json) | None, "JSON") => Reader::JsonText,
            (Some(Kind::Json) | None, _) if text => Reader::JsonText,
            (kind, found) => return Err(wrong_type(&format!("{table}.{name}"), kind, found)),
        };
        Ok(reader)
    }

    fn push(self, column: &mut Column, row: &MySqlRow, at: usize, (name, ty): (&str, &TypeDef)) -> Result<()> {
        let raw = row.try_get_raw(at)?;
        if raw.is_null() {
            column.push_null();
            return Ok(());
        }
        let range = |value: i64| Error::internal(format!("the column `{name}` holds {value}, too large for its field"));
        let integer = || match self {
            Reader::Unsigned => {
                let value = row.try_get_unchecked::<u64, _>(at)?;
                let too_large =
                    || Error::internal(format!("the column `{name}` holds {value}, too large for its field"));
                i64::try_from(value).map_err(|_| too_large())
            }
            _ => Ok(row.try_get_unchecked::<i64, _>(at)?),
        };
        match (self, column.values_mut()) {
            (Reader::Int | Reader::Unsigned, Values::I64(values)) => values.push(integer()?),
            (Reader::Int | Reader::Unsigned, Values::I32(values)) => {
                let value = integer()?;
                values.push(i32::try_from(value).map_err(|_| range(value))?);
            }
            (Reader::Int | Reader::Unsigned, Values::I16(values)) => {
                let value = integer()?;
                values.push(i16::try_from(value).map_err(|_| range(value))?);
            }
            (Reader::Float, Values::F64(values)) => values.push(float(bytes(raw)?)?),
            (Reader::Float, Values::F32(values)) => values.push(float(bytes(raw)?)? as f32),
            #[cfg(feature = "decimal")]
            (Reader::Int, Values::Decimal(values)) => values.push(integer()?.into()),
            #[cfg(feature = "decimal")]
            (Reader::Decimal, Values::Decimal(values)) => {
                let text = std::str::from_utf8(bytes(raw)?)?;
                values.push(crate::index::decimal(text).ok_or_else(|| crate::sql::values::no_decimal(name))?);
            }
            (Reader::Bool, Values::Bool(values)) => match integer()? {
                0 => values.push(false),
                1 => values.push(true),
                other => {
                    return Err(Error::internal(format!("the column `{name}` holds {other}, but its field is Bool")));
                }
            },
            (Reader::Bit, Values::Bool(values)) => values.push(bytes(raw)?.iter().any(|&byte| byte != 0)),
            (Reader::Text, Values::Text(values)) => values.push(std::str::from_utf8(bytes(raw)?)?),
            (Reader::UuidText, Values::Uuid(values)) => {
                let parsed = std::str::from_utf8(bytes(raw)?).ok().and_then(|text| Uuid::try_parse(text).ok());
                values.push(parsed.ok_or_else(|| wrong_type(name, ty.kind(), "a text that is no UUID"))?);
            }
            (Reader::UuidBytes, Values::Uuid(values)) => values.push(Uuid::from_slice(bytes(raw)?)?),
            (Reader::Date, Values::Date(values)) => values.push(row.try_get_unchecked::<NaiveDate, _>(at)?),
            (Reader::Time, Values::Time(values)) => values.push(row.try_get_unchecked::<NaiveTime, _>(at)?),
            (Reader::DateTime, Values::DateTime(values)) => {
                values.push(row.try_get_unchecked::<NaiveDateTime, _>(at)?.and_utc());
            }
            (Reader::LocalDateTime, Values::LocalDateTime(values)) => {
                values.push(row.try_get_unchecked::<NaiveDateTime, _>(at)?);
            }
            (Reader::JsonText, _) => return push_json_text(column, ty, std::str::from_utf8(bytes(raw)?)?),
            _ => return Err(wrong_type(name, ty.kind(), raw.type_info().name())),
        }
        column.mark_valid();
        Ok(())
    }
}

fn bytes<'r>(raw: sqlx::mysql::MySqlValueRef<'r>) -> Result<&'r [u8]> {
    Ok(<&[u8] as Decode<'r, MySql>>::decode(raw).map_err(sqlx::Error::Decode)?)
}

/// A number of four or of eight bytes, as prepared statements answer it.
fn float(bytes: &[u8]) -> Result<f64> {
    match *bytes {
        [a, b, c, d] => Ok(f64::from(f32::from_le_bytes([a, b, c, d]))),
        [a, b, c, d, e, f, g, h] => Ok(f64::from_le_bytes([a, b, c, d, e, f, g, h])),
        _ => Err(Error::internal("a float of neither four nor eight bytes")),
    }
}
