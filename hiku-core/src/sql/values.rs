//! What drivers share: keys as JSON, JSON as columns, and what a wrong type is called.

use crate::error::{Error, Result};
use crate::graph::{Kind, TypeDef};
use crate::index::{Column, Values, push_json};
use crate::sql::{Fetched, ValueError};

/// The keys as a JSON array: of values, or of arrays of the parts.
#[cfg(any(feature = "sqlite", feature = "mysql"))]
pub(super) fn keys_json(columns: &[std::sync::Arc<Column>], dialect: super::Dialect) -> String {
    let rows = columns.first().map_or(0, |column| column.len());
    let mut out = Vec::with_capacity(rows * 8 * columns.len() + 2);
    out.push(b'[');
    // Most keys are these.
    if let [column] = columns
        && let Values::I64(values) = column.values()
        && !column.has_nulls()
    {
        for (row, &value) in values.iter().enumerate() {
            if row > 0 {
                out.push(b',');
            }
            out.extend_from_slice(itoa::Buffer::new().format(value).as_bytes());
        }
        out.push(b']');
        return String::from_utf8(out).unwrap_or_default();
    }
    for row in 0..rows {
        if row > 0 {
            out.push(b',');
        }
        match columns {
            [column] => key_json(&mut out, column, row, dialect),
            _ => {
                out.push(b'[');
                for (at, column) in columns.iter().enumerate() {
                    if at > 0 {
                        out.push(b',');
                    }
                    key_json(&mut out, column, row, dialect);
                }
                out.push(b']');
            }
        }
    }
    out.push(b']');
    // What was written is ASCII and strings.
    String::from_utf8(out).unwrap_or_default()
}

/// One value as the database compares it: as sqlx would bind it.
#[cfg(any(feature = "sqlite", feature = "mysql"))]
fn key_json(out: &mut Vec<u8>, column: &Column, row: usize, dialect: super::Dialect) {
    use crate::index::KeyRef;
    let text = |out: &mut Vec<u8>, text: String| crate::escape::escape(out, &text);
    let number = |out: &mut Vec<u8>, value: f64| {
        if value.is_infinite() {
            // JSON has no such number; what is too large for SQLite is this one.
            return out.extend_from_slice(if value > 0.0 { b"9e999" } else { b"-9e999" });
        }
        let value = serde_json::Number::from_f64(value).map_or_else(|| "null".to_owned(), |value| value.to_string());
        out.extend_from_slice(value.as_bytes());
    };
    match (column.get(row), column.values()) {
        (None, _) => out.extend_from_slice(b"null"),
        (_, Values::Uuid(values)) => text(out, values[row].to_string()),
        (_, Values::F32(values)) => number(out, f64::from(values[row])),
        (_, Values::F64(values)) => number(out, values[row]),
        #[cfg(feature = "decimal")]
        (_, Values::Decimal(values)) => text(out, values[row].to_string()),
        (_, Values::Date(values)) => text(out, values[row].format("%F").to_string()),
        (_, Values::Time(values)) => text(out, values[row].format("%T%.f").to_string()),
        // MariaDB reads no time zones.
        (_, Values::DateTime(values)) if dialect == super::Dialect::MySql => {
            text(out, values[row].format("%F %T%.f").to_string());
        }
        (_, Values::DateTime(values)) => text(out, values[row].to_rfc3339_opts(chrono::SecondsFormat::AutoSi, false)),
        (_, Values::LocalDateTime(values)) => text(out, values[row].format("%F %T%.f").to_string()),
        (Some(KeyRef::Int(value)), _) => out.extend_from_slice(itoa::Buffer::new().format(value).as_bytes()),
        (Some(KeyRef::Text(value)), _) => crate::escape::escape(out, value),
        (Some(KeyRef::Wide(_)), _) => out.extend_from_slice(b"null"),
    }
}

/// What to do about a value that is not of its type. A selected value is null and an error of its own; one that rows are
/// found by leaves them without a place: the statement failed.
pub(super) fn wrong_value(fetched: &mut Fetched, lead: usize, at: usize, row: usize, error: Error) -> Result<()> {
    let Some(selected) = at.checked_sub(lead) else { return Err(error) };
    fetched.columns[at].push_null();
    let (column, row) = (u32::try_from(selected)?, u32::try_from(row)?);
    fetched.errors.push(ValueError { column, row, error });
    Ok(())
}

/// Append a JSON text to a column: as it is to one of JSON, part by part to one of lists or records.
pub(super) fn push_json_text(column: &mut Column, ty: &TypeDef, text: &str) -> Result<()> {
    if ty.kind().is_none() {
        let value: serde_json::Value = serde_json::from_str(text)?;
        // On the side: of a value that turns out to be wrong, nothing stays behind.
        let mut whole = column.like(1);
        // What the database holds is no input of the client's: its error is not for the client.
        push_parts(&mut whole, ty, &value).map_err(|error| Error::internal(error.to_string()))?;
        column.push_from(&whole, 0);
        return Ok(());
    }
    // Whatever is written into the response as it is has to be JSON.
    serde_json::from_str::<serde::de::IgnoredAny>(text)?;
    match column.values_mut() {
        Values::Json(values) => values.push(text),
        _ => return Err(Error::internal("a column of JSON was expected")),
    }
    column.mark_valid();
    Ok(())
}

/// Append a value, with what is in it. After an error the column is of no use.
fn push_parts(column: &mut Column, ty: &TypeDef, value: &serde_json::Value) -> Result<()> {
    if value.is_null() {
        column.push_null();
        return Ok(());
    }
    match (ty.non_null(), column.values_mut(), value) {
        (TypeDef::List(item), Values::List(list), serde_json::Value::Array(values)) => {
            values.iter().try_for_each(|value| push_parts(&mut list.items, item, value))?;
            list.ends.push(u32::try_from(list.items.len())?);
        }
        (TypeDef::List(_), ..) => return Err(Error::internal("a JSON array was expected")),
        (TypeDef::Record(def), Values::Record(record), serde_json::Value::Object(given)) => {
            record.push(|columns| {
                def().fields.iter().zip(columns).try_for_each(|(field, column)| {
                    let value = given.get(field.stored).unwrap_or(&serde_json::Value::Null);
                    push_parts(column, field.ty, value)
                })
            })?;
        }
        (TypeDef::Record(_), ..) => return Err(Error::internal("a JSON object was expected")),
        _ => return push_json(column, ty, value),
    }
    column.mark_valid();
    Ok(())
}

/// The error of a number that a `Decimal` cannot hold.
#[cfg(feature = "decimal")]
pub(super) fn no_decimal(column: &str) -> Error {
    Error::internal(format!("the column `{column}` holds what is no decimal number of at most 28 digits"))
}

/// The text for a value that is not of its type.
pub(super) fn wrong_type(column: &str, wanted: Option<Kind>, found: &str) -> Error {
    let wanted = wanted.map_or_else(|| "a list".to_owned(), |kind| format!("{kind:?}"));
    Error::internal(format!("the column `{column}` holds {found}, but its field is {wanted}"))
}
