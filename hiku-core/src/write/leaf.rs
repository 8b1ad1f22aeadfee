//! Values of columns as JSON.

use std::io::Write as _;

use chrono::SecondsFormat;

use crate::error::{Error, guarded};
use crate::escape::escape;
use crate::graph::{EnumDef, ScalarDef, TypeDef};
use crate::index::{Column, Values, stored_position};

/// Append the value at `at`, which is not null.
///
/// # Errors
/// If the value is none of its type in the schema; what was appended is to be dropped then.
pub(super) fn write(out: &mut Vec<u8>, column: &Column, at: usize, form: Form) -> Result<(), Error> {
    match form {
        Form::Enum(def) => {
            quoted(out, def.values[stored_position(def, column, at)?].name);
            return Ok(());
        }
        Form::Custom(serialize) => {
            out.extend_from_slice(guarded("serialize", || serialize(column, at))?.to_string().as_bytes());
            return Ok(());
        }
        Form::Plain | Form::Int | Form::Id => {}
    }
    match (column.values(), form) {
        (Values::Text(values), _) => escape(out, values.get(at)),
        (Values::I16(values), _) => integer(out, i64::from(values[at]), form),
        (Values::I32(values), _) => integer(out, i64::from(values[at]), form),
        (Values::I64(values), Form::Int) => {
            let value = values[at];
            if i32::try_from(value).is_err() {
                let message = format!("Int cannot represent non 32-bit signed integer value: {value}");
                return Err(Error::new(format!("{message}; a field of the type BigInt can")).code("INTERNAL"));
            }
            integer(out, value, form);
        }
        (Values::I64(values), _) => integer(out, values[at], form),
        (Values::Bool(values), _) => out.extend_from_slice(if values[at] { b"true" } else { b"false" }),
        (Values::F32(values), _) => {
            let value = values[at];
            finite(f64::from(value))?;
            // Zero has no sign, as in the JSON of JavaScript.
            float(out, zmij::Buffer::new().format_finite(value + 0.0));
        }
        (Values::F64(values), _) => {
            let value = values[at];
            finite(value)?;
            float(out, zmij::Buffer::new().format_finite(value + 0.0));
        }
        #[cfg(feature = "decimal")]
        (Values::Decimal(values), _) => quote(out, format_args!("{}", values[at])),
        (Values::Json(values), _) => out.extend_from_slice(values.get(at).as_bytes()),
        (Values::Uuid(values), _) => {
            let mut buffer = uuid::Uuid::encode_buffer();
            quoted(out, values[at].hyphenated().encode_lower(&mut buffer));
        }
        (Values::Date(values), _) => quote(out, format_args!("{}", values[at])),
        (Values::Time(values), _) => quote(out, format_args!("{}", values[at])),
        (Values::DateTime(values), _) => quoted(out, &values[at].to_rfc3339_opts(SecondsFormat::AutoSi, true)),
        (Values::LocalDateTime(values), _) => {
            quote(out, format_args!("{}", values[at].format("%Y-%m-%dT%H:%M:%S%.f")));
        }
        (Values::List(_) | Values::Record(_), _) => unreachable!("lists and records are written part by part"),
    }
    Ok(())
}

/// How a scalar of the schema is written where its column does not say.
#[derive(Clone, Copy, Debug)]
pub(super) enum Form {
    /// As the column stores it.
    Plain,
    /// A 32-bit integer.
    Int,
    /// In quotes, whatever it is.
    Id,
    /// By the name of the value that is stored.
    Enum(&'static EnumDef),
    /// As the type says.
    Custom(fn(&Column, usize) -> Result<serde_json::Value, Error>),
}

impl Form {
    pub(super) fn of(ty: &TypeDef) -> Form {
        match ty.leaf() {
            TypeDef::Enum(def) => return Form::Enum(def),
            TypeDef::Scalar(ScalarDef { serialize: Some(serialize), .. }) => return Form::Custom(*serialize),
            _ => {}
        }
        match ty.name() {
            "Int" => Form::Int,
            "ID" => Form::Id,
            _ => Form::Plain,
        }
    }
}

fn integer(out: &mut Vec<u8>, value: i64, form: Form) {
    let mut buffer = itoa::Buffer::new();
    let text = buffer.format(value);
    match form {
        Form::Id => quoted(out, text),
        _ => out.extend_from_slice(text.as_bytes()),
    }
}

fn finite(value: f64) -> Result<(), Error> {
    if value.is_finite() {
        return Ok(());
    }
    Err(Error::new(format!("Float cannot represent non numeric value: {value}")).code("INTERNAL"))
}

/// The shortest decimal of a number as JavaScript writes it: whole numbers without `.0`, an exponent below 1e-6 and from 1e21.
fn float(out: &mut Vec<u8>, text: &str) {
    let Some((mantissa, exponent)) = text.split_once('e') else {
        return out.extend_from_slice(text.strip_suffix(".0").unwrap_or(text).as_bytes());
    };
    match exponent.parse::<i32>() {
        Ok(exponent @ -6..=20) => positional(out, mantissa, exponent),
        _ => out.extend_from_slice(text.as_bytes()),
    }
}

/// `1.25`, 20 as `125000000000000000000`; `1.25`, -6 as `0.00000125`.
fn positional(out: &mut Vec<u8>, mantissa: &str, exponent: i32) {
    let unsigned = mantissa.trim_start_matches('-');
    if unsigned.len() < mantissa.len() {
        out.push(b'-');
    }
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
    let zeros = |count: i32| std::iter::repeat_n(b'0', usize::try_from(count).unwrap_or(0));
    if exponent < 0 {
        out.extend_from_slice(b"0.");
        out.extend(zeros(-exponent - 1));
        out.extend_from_slice(whole.as_bytes());
        out.extend_from_slice(fraction.as_bytes());
        return;
    }
    // The point moves right, at most behind the last digit: a double has 17 of them, and few have an exponent below that.
    let (shifted, rest) = fraction.split_at(fraction.len().min(exponent as usize));
    out.extend_from_slice(whole.as_bytes());
    out.extend_from_slice(shifted.as_bytes());
    out.extend(zeros(exponent - shifted.len() as i32));
    if !rest.is_empty() {
        out.push(b'.');
        out.extend_from_slice(rest.as_bytes());
    }
}

/// A text that needs no escape.
fn quoted(out: &mut Vec<u8>, text: &str) {
    out.push(b'"');
    out.extend_from_slice(text.as_bytes());
    out.push(b'"');
}

fn quote(out: &mut Vec<u8>, text: std::fmt::Arguments<'_>) {
    out.push(b'"');
    // Writing to a vector does not fail.
    let _ = out.write_fmt(text);
    out.push(b'"');
}
