//! Rust values in columns: what a type writes, what a loader reads.

use std::ops::Deref;

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, SecondsFormat, Utc};
use uuid::Uuid;

use super::column::{Column, Values};
use crate::error::{Error, Result};
use crate::graph::{EnumDef, Kind, ScalarDef, Stored, TypeDef};

/// A type that fields and arguments can have.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not the type of a field or an argument",
    label = "this type has no GraphQL counterpart",
    note = "fields are `bool`, integers up to `i64`, floats, `String`, `Uuid`, chrono's dates and times, `serde_json::Value`, \
            types with `#[derive(Scalar)]`, `#[derive(Enum)]`, `#[derive(Record)]` or `#[derive(Input)]`, and `Vec` and `Option` of these"
)]
pub trait Value: Sized + Send + Sync + 'static {
    /// The type in the schema.
    const TYPE: &'static TypeDef;

    /// Append this value to a column of [`TYPE`](Self::TYPE).
    ///
    /// # Panics
    /// If there are no such columns: inputs are never fields.
    fn write_to(&self, _column: &mut Column) {
        no_column(Self::TYPE)
    }

    /// The value at `row`, which is not null unless the type is nullable.
    ///
    /// # Panics
    /// If the column holds another type.
    fn read(_column: &Column, _row: usize) -> Self {
        no_column(Self::TYPE)
    }

    /// From an argument.
    ///
    /// # Errors
    /// A public error that says what was expected.
    fn from_json(value: &serde_json::Value) -> Result<Self> {
        Err(expected("no value: records are not inputs", value))
    }

    /// From an argument or a field of an input that may be absent; that is null where the type does not tell.
    ///
    /// # Errors
    /// A public error that says what was expected.
    fn from_given(value: Option<&serde_json::Value>) -> Result<Self> {
        Self::from_json(value.unwrap_or(&serde_json::Value::Null))
    }

    /// As a default in the schema.
    fn to_json(&self) -> serde_json::Value {
        serde_json::Value::Null
    }

    /// As a field of an input, unless it is absent.
    fn to_given(&self) -> Option<serde_json::Value> {
        Some(self.to_json())
    }
}

#[cold]
fn no_column(ty: &TypeDef) -> ! {
    panic!("`{ty}` is an input: there are no columns of it")
}

/// A required field as a loader sees it: `&[T]` for a whole batch, a bare `T` per row.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not what a loader can be given of a field",
    label = "a loader cannot take this",
    note = "write the type of the field, with `&str` for `String`: `&[i64]`, `&[&str]`, `&[Option<&str>]`"
)]
pub trait Param<'a>: Sized {
    /// The type of the field that it reads.
    type Owned: Value;

    /// The value at `row`.
    fn at(column: &'a Column, row: usize) -> Self;

    /// The whole column; not copied where the column stores exactly this type.
    fn batch(column: &'a Column) -> Batch<'a, Self> {
        Batch::Owned((0..column.len()).map(|row| Self::at(column, row)).collect())
    }
}

/// The values of a batch: borrowed from the column where it stores them so.
#[derive(Debug)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Batch<'a, T> {
    Borrowed(&'a [T]),
    Owned(Vec<T>),
}

impl<T> Deref for Batch<'_, T> {
    type Target = [T];
    fn deref(&self) -> &[T] {
        match self {
            Batch::Borrowed(values) => values,
            Batch::Owned(values) => values,
        }
    }
}

/// A newtype over a value, with a scalar of its own in the schema. Written by `#[derive(Scalar)]`, as its [`Value`] is: an
/// implementation for every newtype would rule out the one for `Box`.
pub trait Newtype: Sized + Send + Sync + 'static {
    /// The value inside.
    type Inner: Value;
    /// The scalar; its kind is that of the inner value.
    const SCALAR: &'static ScalarDef;
    /// From the value inside.
    fn wrap(inner: Self::Inner) -> Self;
    /// The value inside.
    fn inner(&self) -> &Self::Inner;
    /// From an argument.
    ///
    /// # Errors
    /// A public error that says what was expected.
    fn parse(value: &serde_json::Value) -> Result<Self> {
        Self::Inner::from_json(value).map(Self::wrap)
    }
    /// As responses and defaults have it.
    fn serialize(&self) -> serde_json::Value {
        self.inner().to_json()
    }
}

/// A type that is copied: `Copy`, with a word on how to be so.
#[diagnostic::on_unimplemented(
    message = "the enum `{Self}` is not `Copy`",
    label = "not `Copy`",
    note = "add `#[derive(Clone, Copy)]`"
)]
pub trait Copied: Sized {
    /// The value again.
    fn copied(&self) -> Self;
}

#[diagnostic::do_not_recommend]
impl<T: Copy> Copied for T {
    fn copied(&self) -> Self {
        *self
    }
}

/// An enum of the schema. Written by `#[derive(Enum)]`.
pub trait EnumType: Copied + Send + Sync + 'static {
    /// The definition.
    const ENUM: &'static EnumDef;
    /// The value at this position of the definition.
    fn at(position: usize) -> Self;
    /// The position in the definition.
    fn position(self) -> usize;
}

/// Append the value of an enum to its column.
pub fn write_enum<T: EnumType>(value: T, column: &mut Column) {
    match (T::ENUM.values[value.position()].stored, column.values_mut()) {
        (Stored::Text(text), Values::Text(values)) => values.push(text),
        (Stored::Integer(integer), Values::I16(values)) => values.push(integer as i16),
        (Stored::Integer(integer), Values::I32(values)) => values.push(integer as i32),
        (Stored::Integer(integer), Values::I64(values)) => values.push(integer),
        _ => mismatch(T::ENUM.kind, column),
    }
    column.mark_valid();
}

/// The value of an enum at `row`.
///
/// # Panics
/// If the column holds what the enum does not know; loaders are not given such rows.
pub fn read_enum<T: EnumType>(column: &Column, row: usize) -> T {
    match stored_position(T::ENUM, column, row) {
        Ok(position) => T::at(position),
        Err(error) => panic!("{error}"),
    }
}

/// The value of an enum with this name in the schema.
///
/// # Errors
/// If there is none.
pub fn enum_from_json<T: EnumType>(value: &serde_json::Value) -> Result<T> {
    let position = T::ENUM.values.iter().position(|known| value.as_str() == Some(known.name));
    position.map(T::at).ok_or_else(|| expected(T::ENUM.name, value))
}

/// The name of the value of an enum in the schema.
pub fn enum_to_json<T: EnumType>(value: T) -> serde_json::Value {
    T::ENUM.values[value.position()].name.into()
}

/// Which value of an enum a column holds at `row`.
///
/// # Errors
/// If the enum does not know it.
pub(crate) fn stored_position(def: &EnumDef, column: &Column, row: usize) -> Result<usize> {
    let (text, integer) = match column.values() {
        Values::Text(values) => (Some(values.get(row)), None),
        Values::I16(values) => (None, Some(i64::from(values[row]))),
        Values::I32(values) => (None, Some(i64::from(values[row]))),
        Values::I64(values) => (None, Some(values[row])),
        _ => (None, None),
    };
    let found = def.values.iter().position(|known| match known.stored {
        Stored::Text(known) => text == Some(known),
        Stored::Integer(known) => integer == Some(known),
    });
    found.ok_or_else(|| {
        let value = text.map_or_else(|| integer.unwrap_or_default().to_string(), |text| format!("{text:?}"));
        Error::new(format!("Enum \"{}\" cannot represent value: {value}", def.name)).code("INTERNAL")
    })
}

/// A value, null, or nothing at all: for arguments and fields of inputs where absent is not null.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum MaybeAbsent<T> {
    /// The request does not say it.
    #[default]
    Absent,
    /// The request says null.
    Null,
    /// The request gives a value.
    Value(T),
}

impl<T> MaybeAbsent<T> {
    /// The value, if one is given.
    pub fn value(self) -> Option<T> {
        match self {
            MaybeAbsent::Value(value) => Some(value),
            MaybeAbsent::Absent | MaybeAbsent::Null => None,
        }
    }

    /// Whether the request says nothing of it.
    pub fn is_absent(&self) -> bool {
        matches!(self, MaybeAbsent::Absent)
    }
}

#[diagnostic::do_not_recommend]
impl<T: Value> Value for MaybeAbsent<T> {
    const TYPE: &'static TypeDef = &TypeDef::Nullable(T::TYPE);
    fn from_json(value: &serde_json::Value) -> Result<Self> {
        if value.is_null() { Ok(MaybeAbsent::Null) } else { T::from_json(value).map(MaybeAbsent::Value) }
    }
    fn from_given(value: Option<&serde_json::Value>) -> Result<Self> {
        value.map_or(Ok(MaybeAbsent::Absent), Self::from_json)
    }
    fn to_json(&self) -> serde_json::Value {
        match self {
            MaybeAbsent::Value(value) => value.to_json(),
            MaybeAbsent::Absent | MaybeAbsent::Null => serde_json::Value::Null,
        }
    }
    fn to_given(&self) -> Option<serde_json::Value> {
        (!self.is_absent()).then(|| self.to_json())
    }
}

#[diagnostic::do_not_recommend]
impl<T: Value> Value for Box<T> {
    const TYPE: &'static TypeDef = T::TYPE;
    fn write_to(&self, column: &mut Column) {
        T::write_to(self, column);
    }
    fn read(column: &Column, row: usize) -> Self {
        Box::new(T::read(column, row))
    }
    fn from_json(value: &serde_json::Value) -> Result<Self> {
        T::from_json(value).map(Box::new)
    }
    fn from_given(value: Option<&serde_json::Value>) -> Result<Self> {
        T::from_given(value).map(Box::new)
    }
    fn to_json(&self) -> serde_json::Value {
        T::to_json(self)
    }
    fn to_given(&self) -> Option<serde_json::Value> {
        T::to_given(self)
    }
}

impl<'a, T: Value> Param<'a> for Box<T> {
    type Owned = Self;
    fn at(column: &'a Column, row: usize) -> Self {
        <Self as Value>::read(column, row)
    }
}

/// Append a record to its column: `write` appends one value per field.
///
/// # Panics
/// If the column holds no records.
pub fn write_record(column: &mut Column, write: impl FnOnce(&mut [Column])) {
    let Values::Record(record) = column.values_mut() else { panic!("a column of records was expected") };
    let Ok(()) = record.push(|fields| {
        write(fields);
        Ok::<(), std::convert::Infallible>(())
    });
    column.mark_valid();
}

/// The columns of the fields of a record.
///
/// # Panics
/// If the column holds no records.
pub fn read_record(column: &Column) -> &[Column] {
    match column.values() {
        Values::Record(record) => record.fields(),
        _ => panic!("a column of records was expected"),
    }
}

/// Append a JSON value that a request gives to a column of `ty`: an argument that is a key.
///
/// # Errors
/// A public error if the value is not one of the type.
pub(crate) fn push_given(column: &mut Column, ty: &TypeDef, value: &serde_json::Value) -> Result<()> {
    match ty.non_null() {
        TypeDef::Scalar(ScalarDef { store: Some(store), .. }) if !value.is_null() => store(value, column),
        _ => push_json(column, ty, value),
    }
}

/// Append a JSON value to a column of `ty`, as it is stored.
///
/// # Errors
/// A public error if the value is not one of the type.
pub(crate) fn push_json(column: &mut Column, ty: &TypeDef, value: &serde_json::Value) -> Result<()> {
    fn put<T: Value>(column: &mut Column, value: &serde_json::Value) -> Result<()> {
        T::from_json(value).map(|value| value.write_to(column))
    }
    if value.is_null() {
        column.push_null();
        return Ok(());
    }
    match ty.kind() {
        Some(Kind::Bool) => put::<bool>(column, value),
        Some(Kind::I16) => put::<i16>(column, value),
        Some(Kind::I32) => put::<i32>(column, value),
        Some(Kind::I64) => put::<i64>(column, value),
        Some(Kind::F32) => put::<f32>(column, value),
        Some(Kind::F64) => put::<f64>(column, value),
        #[cfg(feature = "decimal")]
        Some(Kind::Decimal) => put::<rust_decimal::Decimal>(column, value),
        Some(Kind::Text) => put::<String>(column, value),
        Some(Kind::Uuid) => put::<Uuid>(column, value),
        Some(Kind::Date) => put::<NaiveDate>(column, value),
        Some(Kind::Time) => put::<NaiveTime>(column, value),
        Some(Kind::DateTime) => put::<DateTime<Utc>>(column, value),
        Some(Kind::LocalDateTime) => put::<NaiveDateTime>(column, value),
        Some(Kind::Json) => put::<serde_json::Value>(column, value),
        None => Err(expected("a single value", value)),
    }
}

/// The text for a column that does not hold what its definition says: a fault of the engine, not of its user.
#[cold]
pub(crate) fn mismatch(wanted: Kind, column: &Column) -> ! {
    panic!("a column of {wanted:?} was expected, this one holds {:?}", std::mem::discriminant(column.values()))
}

pub(super) fn expected(what: &str, value: &serde_json::Value) -> Error {
    Error::new(format!("expected {what}, found {value}")).code("BAD_USER_INPUT")
}

macro_rules! plain {
    ($($ty:ty, $variant:ident, $name:literal, $from:expr, $to:expr;)+) => {$(
        impl Value for $ty {
            const TYPE: &'static TypeDef = &TypeDef::Scalar(&ScalarDef::new($name, Kind::$variant));
            fn write_to(&self, column: &mut Column) {
                match column.values_mut() {
                    Values::$variant(values) => values.push(*self),
                    _ => mismatch(Kind::$variant, column),
                }
                column.mark_valid();
            }
            fn read(column: &Column, row: usize) -> Self {
                match column.values() {
                    Values::$variant(values) => values[row],
                    _ => mismatch(Kind::$variant, column),
                }
            }
            fn from_json(value: &serde_json::Value) -> Result<Self> {
                let read: fn(&serde_json::Value) -> Option<Self> = $from;
                read(value).ok_or_else(|| expected($name, value))
            }
            fn to_json(&self) -> serde_json::Value {
                let write: fn(&Self) -> serde_json::Value = $to;
                write(self)
            }
        }
        impl<'a> Param<'a> for $ty {
            type Owned = $ty;
            fn at(column: &'a Column, row: usize) -> Self {
                <$ty as Value>::read(column, row)
            }
            fn batch(column: &'a Column) -> Batch<'a, Self> {
                match column.values() {
                    Values::$variant(values) => Batch::Borrowed(values),
                    _ => mismatch(Kind::$variant, column),
                }
            }
        }
    )+};
}

plain! {
    bool, Bool, "Boolean", |v| v.as_bool(), |v| (*v).into();
    i16, I16, "Int", |v| integer(v)?.try_into().ok(), |v| (*v).into();
    i32, I32, "Int", |v| integer(v)?.try_into().ok(), |v| (*v).into();
    i64, I64, "Int", integer, |v| (*v).into();
    f32, F32, "Float", |v| Some(v.as_f64()? as f32), |v| (*v).into();
    f64, F64, "Float", |v| v.as_f64(), |v| (*v).into();
    Uuid, Uuid, "Uuid", |v| v.as_str()?.parse().ok(), |v| v.to_string().into();
    NaiveDate, Date, "Date", |v| v.as_str()?.parse().ok(), |v| v.to_string().into();
    NaiveTime, Time, "Time", |v| v.as_str()?.parse().ok(), |v| v.to_string().into();
    DateTime<Utc>, DateTime, "DateTime", |v| Some(DateTime::parse_from_rfc3339(v.as_str()?).ok()?.to_utc()),
        |v| v.to_rfc3339_opts(SecondsFormat::AutoSi, true).into();
    NaiveDateTime, LocalDateTime, "LocalDateTime", |v| v.as_str()?.parse().ok(),
        |v| v.format("%Y-%m-%dT%H:%M:%S%.f").to_string().into();
}

#[cfg(feature = "decimal")]
plain! {
    rust_decimal::Decimal, Decimal, "Decimal",
        |v| v.as_str().map_or_else(|| v.as_i64().map(rust_decimal::Decimal::from), decimal), |v| v.to_string().into();
}

/// An exact decimal number; none that would have to be rounded.
#[cfg(feature = "decimal")]
pub(crate) fn decimal(text: &str) -> Option<rust_decimal::Decimal> {
    if text.contains('_') { None } else { rust_decimal::Decimal::from_str_exact(text).ok() }
}

/// An integer, also one that was given as an `ID`.
fn integer(value: &serde_json::Value) -> Option<i64> {
    match value {
        serde_json::Value::String(text) => text.parse().ok(),
        other => other.as_i64(),
    }
}

impl Value for String {
    const TYPE: &'static TypeDef = &TypeDef::Scalar(&ScalarDef::new("String", Kind::Text));
    fn write_to(&self, column: &mut Column) {
        match column.values_mut() {
            Values::Text(values) => values.push(self),
            _ => mismatch(Kind::Text, column),
        }
        column.mark_valid();
    }
    fn read(column: &Column, row: usize) -> Self {
        <&str as Param>::at(column, row).to_owned()
    }
    fn from_json(value: &serde_json::Value) -> Result<Self> {
        value.as_str().map(str::to_owned).ok_or_else(|| expected("String", value))
    }
    fn to_json(&self) -> serde_json::Value {
        self.as_str().into()
    }
}

impl<'a> Param<'a> for &'a str {
    type Owned = String;
    fn at(column: &'a Column, row: usize) -> Self {
        match column.values() {
            Values::Text(values) => values.get(row),
            _ => mismatch(Kind::Text, column),
        }
    }
}

impl Value for serde_json::Value {
    const TYPE: &'static TypeDef = &TypeDef::Scalar(&ScalarDef::new("Json", Kind::Json));
    fn write_to(&self, column: &mut Column) {
        match column.values_mut() {
            Values::Json(values) => values.push(&self.to_string()),
            _ => mismatch(Kind::Json, column),
        }
        column.mark_valid();
    }
    fn read(column: &Column, row: usize) -> Self {
        match column.values() {
            Values::Json(values) => serde_json::from_str(values.get(row)).unwrap_or_default(),
            _ => mismatch(Kind::Json, column),
        }
    }
    fn from_json(value: &serde_json::Value) -> Result<Self> {
        Ok(value.clone())
    }
    fn to_json(&self) -> serde_json::Value {
        self.clone()
    }
}

impl<'a> Param<'a> for serde_json::Value {
    type Owned = Self;
    fn at(column: &'a Column, row: usize) -> Self {
        <Self as Value>::read(column, row)
    }
}

impl<T: Value> Value for Option<T> {
    const TYPE: &'static TypeDef = &TypeDef::Nullable(T::TYPE);
    fn write_to(&self, column: &mut Column) {
        match self {
            Some(value) => value.write_to(column),
            None => column.push_null(),
        }
    }
    fn read(column: &Column, row: usize) -> Self {
        (!column.is_null(row)).then(|| T::read(column, row))
    }
    fn from_json(value: &serde_json::Value) -> Result<Self> {
        if value.is_null() { Ok(None) } else { T::from_json(value).map(Some) }
    }
    fn to_json(&self) -> serde_json::Value {
        self.as_ref().map_or(serde_json::Value::Null, T::to_json)
    }
}

impl<'a, T: Param<'a>> Param<'a> for Option<T> {
    type Owned = Option<T::Owned>;
    fn at(column: &'a Column, row: usize) -> Self {
        (!column.is_null(row)).then(|| T::at(column, row))
    }
}

impl<T: Value> Value for Vec<T> {
    const TYPE: &'static TypeDef = &TypeDef::List(T::TYPE);
    fn write_to(&self, column: &mut Column) {
        let Values::List(list) = column.values_mut() else {
            panic!("a column of lists was expected");
        };
        for item in self {
            item.write_to(&mut list.items);
        }
        list.ends.push(u32::try_from(list.items.len()).expect("a column of lists holds at most 2³² items"));
        column.mark_valid();
    }
    fn read(column: &Column, row: usize) -> Self {
        let Values::List(list) = column.values() else {
            panic!("a column of lists was expected");
        };
        list.range(row).map(|at| T::read(&list.items, at)).collect()
    }
    fn from_json(value: &serde_json::Value) -> Result<Self> {
        match value {
            serde_json::Value::Array(items) => items.iter().map(T::from_json).collect(),
            other => Ok(vec![T::from_json(other)?]),
        }
    }
    fn to_json(&self) -> serde_json::Value {
        self.iter().map(T::to_json).collect()
    }
}

impl<'a, T: Value> Param<'a> for Vec<T> {
    type Owned = Self;
    fn at(column: &'a Column, row: usize) -> Self {
        <Self as Value>::read(column, row)
    }
}
