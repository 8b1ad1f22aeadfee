//! Columns: one typed vector per kind of value, with validity; strings in one arena.

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Utc};
use uuid::Uuid;

use super::bits::Bits;
use crate::graph::{Kind, RecordDef, TypeDef};

/// Strings in one buffer: entry `i` is `buffer[ends[i - 1]..ends[i]]`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Text {
    buffer: String,
    ends: Vec<u32>,
}

impl Text {
    /// Room for `rows` strings of `bytes` bytes in all.
    pub fn with_capacity(rows: usize, bytes: usize) -> Self {
        Text { buffer: String::with_capacity(bytes), ends: Vec::with_capacity(rows) }
    }

    /// How many strings there are.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// Append a string.
    ///
    /// # Panics
    /// When one column holds more than 4 GiB of text. A panic while a request runs is caught and becomes an error of it.
    pub fn push(&mut self, value: &str) {
        self.buffer.push_str(value);
        let end = u32::try_from(self.buffer.len()).expect("a column of text holds at most 4 GiB");
        self.ends.push(end);
    }

    /// The string at `at`.
    pub fn get(&self, at: usize) -> &str {
        let start = if at == 0 { 0 } else { self.ends[at - 1] as usize };
        &self.buffer[start..self.ends[at] as usize]
    }

    /// As [`get`](Self::get), for those who do not need a `str`: finding out that it is one costs as much as the rest.
    pub(crate) fn bytes_at(&self, at: usize) -> &[u8] {
        let start = if at == 0 { 0 } else { self.ends[at - 1] as usize };
        &self.buffer.as_bytes()[start..self.ends[at] as usize]
    }

    /// All strings in order.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        (0..self.len()).map(|at| self.get(at))
    }

    /// How many bytes all strings have together.
    pub fn bytes(&self) -> usize {
        self.buffer.len()
    }
}

/// Lists: list `i` is `items[ends[i - 1]..ends[i]]`.
#[derive(Clone, Debug, PartialEq)]
pub struct List {
    /// Where each list ends in `items`.
    pub ends: Vec<u32>,
    /// The items of all lists, one after the other.
    pub items: Box<Column>,
}

impl List {
    /// The positions in `items` of the list at `at`.
    pub fn range(&self, at: usize) -> std::ops::Range<usize> {
        let start = if at == 0 { 0 } else { self.ends[at - 1] as usize };
        start..self.ends[at] as usize
    }
}

/// Records: one column per field. They are made with the first record that is none null, because records can hold their like.
#[derive(Clone, Debug)]
pub struct Record {
    def: &'static RecordDef,
    rows: usize,
    fields: Vec<Column>,
}

impl Record {
    fn new(def: &'static RecordDef) -> Self {
        Record { def, rows: 0, fields: Vec::new() }
    }

    /// The columns of the fields; none while every record is null.
    pub fn fields(&self) -> &[Column] {
        &self.fields
    }

    /// Append a record: `write` appends one value to the column of each field.
    pub fn push<E>(
        &mut self,
        write: impl FnOnce(&mut [Column]) -> std::result::Result<(), E>,
    ) -> std::result::Result<(), E> {
        if self.fields.is_empty() {
            self.fields = self.def.fields.iter().map(|field| Column::new(field.ty)).collect();
            let rows = self.rows;
            self.fields.iter_mut().for_each(|field| (0..rows).for_each(|_| field.push_null()));
        }
        self.rows += 1;
        let written = write(&mut self.fields);
        // One that was given up half way is a row all the same.
        for field in self.fields.iter_mut().filter(|field| field.len() < self.rows) {
            field.push_null();
        }
        written
    }

    fn push_null(&mut self) {
        self.rows += 1;
        self.fields.iter_mut().for_each(Column::push_null);
    }
}

impl PartialEq for Record {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self.def, other.def) && self.rows == other.rows && self.fields == other.fields
    }
}

/// The values of a column; where a row is null, some value of the type stands in its place.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs, reason = "each variant is named like the `Kind` it holds")]
pub enum Values {
    Bool(Vec<bool>),
    I16(Vec<i16>),
    I32(Vec<i32>),
    I64(Vec<i64>),
    F32(Vec<f32>),
    F64(Vec<f64>),
    #[cfg(feature = "decimal")]
    Decimal(Vec<rust_decimal::Decimal>),
    Text(Text),
    Uuid(Vec<Uuid>),
    Date(Vec<NaiveDate>),
    Time(Vec<NaiveTime>),
    DateTime(Vec<DateTime<Utc>>),
    LocalDateTime(Vec<NaiveDateTime>),
    /// JSON texts, each one valid.
    Json(Text),
    List(List),
    Record(Record),
}

/// A sealed or growing column: values and, if any row is null, which rows are valid.
#[derive(Clone, Debug, PartialEq)]
pub struct Column {
    values: Values,
    /// `None` while every row is valid: no null costs nothing.
    valid: Option<Bits>,
}

/// Run one expression for whichever vector a column holds: `$v` is `Vec<_>`, `Text`, `List` or `Record`.
macro_rules! each {
    ($values:expr, $v:ident => $vec:expr, $t:ident => $text:expr, $l:ident => $list:expr, $r:ident => $record:expr) => {
        match $values {
            Values::Bool($v) => $vec,
            Values::I16($v) => $vec,
            Values::I32($v) => $vec,
            Values::I64($v) => $vec,
            Values::F32($v) => $vec,
            Values::F64($v) => $vec,
            #[cfg(feature = "decimal")]
            Values::Decimal($v) => $vec,
            Values::Uuid($v) => $vec,
            Values::Date($v) => $vec,
            Values::Time($v) => $vec,
            Values::DateTime($v) => $vec,
            Values::LocalDateTime($v) => $vec,
            Values::Text($t) | Values::Json($t) => $text,
            Values::List($l) => $list,
            Values::Record($r) => $record,
        }
    };
}

impl Column {
    /// An empty column for values of `ty`.
    pub fn new(ty: &TypeDef) -> Self {
        Column::with_capacity(ty, 0)
    }

    /// An empty column with room for `rows` values.
    pub fn with_capacity(ty: &TypeDef, rows: usize) -> Self {
        let values = match ty.non_null() {
            TypeDef::List(item) => {
                Values::List(List { ends: Vec::with_capacity(rows), items: Box::new(Column::new(item)) })
            }
            TypeDef::Record(def) => Values::Record(Record::new(def())),
            other => Self::of_kind(
                other.kind().expect("fields are no inputs, and only lists and records have no kind"),
                rows,
            ),
        };
        Column { values, valid: None }
    }

    /// Make room for this many bytes more, if it is one of text.
    #[cfg(feature = "sql")]
    pub(crate) fn reserve_text(&mut self, bytes: usize) {
        if let Values::Text(text) | Values::Json(text) = &mut self.values {
            text.buffer.reserve_exact(bytes);
        }
    }

    /// How many bytes of text it holds; none if it is not one of text.
    #[cfg(feature = "sql")]
    pub(crate) fn text_bytes(&self) -> usize {
        match &self.values {
            Values::Text(text) | Values::Json(text) => text.bytes(),
            _ => 0,
        }
    }

    fn of_kind(kind: Kind, rows: usize) -> Values {
        match kind {
            Kind::Bool => Values::Bool(Vec::with_capacity(rows)),
            Kind::I16 => Values::I16(Vec::with_capacity(rows)),
            Kind::I32 => Values::I32(Vec::with_capacity(rows)),
            Kind::I64 => Values::I64(Vec::with_capacity(rows)),
            Kind::F32 => Values::F32(Vec::with_capacity(rows)),
            Kind::F64 => Values::F64(Vec::with_capacity(rows)),
            #[cfg(feature = "decimal")]
            Kind::Decimal => Values::Decimal(Vec::with_capacity(rows)),
            Kind::Text => Values::Text(Text::with_capacity(rows, 0)),
            Kind::Uuid => Values::Uuid(Vec::with_capacity(rows)),
            Kind::Date => Values::Date(Vec::with_capacity(rows)),
            Kind::Time => Values::Time(Vec::with_capacity(rows)),
            Kind::DateTime => Values::DateTime(Vec::with_capacity(rows)),
            Kind::LocalDateTime => Values::LocalDateTime(Vec::with_capacity(rows)),
            Kind::Json => Values::Json(Text::with_capacity(rows, 0)),
        }
    }

    /// A column of values without nulls.
    pub fn from_values(values: Values) -> Self {
        Column { values, valid: None }
    }

    /// Whether it can hold values of this type.
    pub(crate) fn is_of(&self, ty: &TypeDef) -> bool {
        match &self.values {
            Values::List(list) => matches!(ty.non_null(), TypeDef::List(item) if list.items.is_of(item)),
            Values::Record(record) => matches!(ty.non_null(), TypeDef::Record(def) if std::ptr::eq(def(), record.def)),
            _ => ty.kind() == self.kind(),
        }
    }

    /// The kind of its values, unless they are lists or records.
    pub(crate) fn kind(&self) -> Option<Kind> {
        Some(match &self.values {
            Values::Bool(_) => Kind::Bool,
            Values::I16(_) => Kind::I16,
            Values::I32(_) => Kind::I32,
            Values::I64(_) => Kind::I64,
            Values::F32(_) => Kind::F32,
            Values::F64(_) => Kind::F64,
            #[cfg(feature = "decimal")]
            Values::Decimal(_) => Kind::Decimal,
            Values::Text(_) => Kind::Text,
            Values::Uuid(_) => Kind::Uuid,
            Values::Date(_) => Kind::Date,
            Values::Time(_) => Kind::Time,
            Values::DateTime(_) => Kind::DateTime,
            Values::LocalDateTime(_) => Kind::LocalDateTime,
            Values::Json(_) => Kind::Json,
            Values::List(_) | Values::Record(_) => return None,
        })
    }

    /// The values; look at [`is_null`](Self::is_null) first.
    pub fn values(&self) -> &Values {
        &self.values
    }

    /// The values, to append to. Whoever appends a value appends its validity with [`mark_valid`](Self::mark_valid) or
    /// uses [`push_null`](Self::push_null).
    pub fn values_mut(&mut self) -> &mut Values {
        &mut self.values
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        each!(&self.values, v => v.len(), t => t.len(), l => l.ends.len(), r => r.rows)
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether the row is null.
    pub fn is_null(&self, row: usize) -> bool {
        self.valid.as_ref().is_some_and(|valid| !valid.get(row))
    }

    /// Whether any row is null.
    pub fn has_nulls(&self) -> bool {
        self.valid.is_some()
    }

    /// Append a null.
    pub fn push_null(&mut self) {
        let rows = self.len();
        self.valid.get_or_insert_with(|| Bits::filled(rows, true)).push(false);
        each!(
            &mut self.values,
            v => v.push(Default::default()),
            t => t.push(""),
            l => l.ends.push(l.items.len() as u32),
            r => r.push_null()
        );
    }

    /// Say that the value just appended to [`values_mut`](Self::values_mut) is no null.
    pub fn mark_valid(&mut self) {
        if let Some(valid) = &mut self.valid {
            valid.push(true);
        }
    }

    /// Append row `row` of `from`, a column of the same kind; of another kind, a null.
    pub fn push_from(&mut self, from: &Column, row: usize) {
        if from.is_null(row) {
            return self.push_null();
        }
        match (&mut self.values, &from.values) {
            (Values::Bool(to), Values::Bool(from)) => to.push(from[row]),
            (Values::I16(to), Values::I16(from)) => to.push(from[row]),
            (Values::I32(to), Values::I32(from)) => to.push(from[row]),
            (Values::I64(to), Values::I64(from)) => to.push(from[row]),
            (Values::F32(to), Values::F32(from)) => to.push(from[row]),
            (Values::F64(to), Values::F64(from)) => to.push(from[row]),
            #[cfg(feature = "decimal")]
            (Values::Decimal(to), Values::Decimal(from)) => to.push(from[row]),
            (Values::Uuid(to), Values::Uuid(from)) => to.push(from[row]),
            (Values::Date(to), Values::Date(from)) => to.push(from[row]),
            (Values::Time(to), Values::Time(from)) => to.push(from[row]),
            (Values::DateTime(to), Values::DateTime(from)) => to.push(from[row]),
            (Values::LocalDateTime(to), Values::LocalDateTime(from)) => to.push(from[row]),
            (Values::Text(to), Values::Text(from)) | (Values::Json(to), Values::Json(from)) => to.push(from.get(row)),
            (Values::List(to), Values::List(from)) => {
                for item in from.range(row) {
                    to.items.push_from(&from.items, item);
                }
                to.ends.push(to.items.len() as u32);
            }
            (Values::Record(to), Values::Record(from)) => {
                let Ok(()) = to.push(|fields| {
                    fields.iter_mut().zip(&from.fields).for_each(|(to, from)| to.push_from(from, row));
                    Ok::<(), std::convert::Infallible>(())
                });
            }
            _ => return self.push_null(),
        }
        self.mark_valid();
    }

    /// The strings of a column of text, an empty one where it is null; none of a column of another kind.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        let text = match &self.values {
            Values::Text(text) | Values::Json(text) => Some(text),
            _ => None,
        };
        text.into_iter().flat_map(Text::iter)
    }

    /// An empty column of the same kind.
    pub fn like(&self, rows: usize) -> Column {
        let values = match &self.values {
            Values::Bool(_) => Values::Bool(Vec::with_capacity(rows)),
            Values::I16(_) => Values::I16(Vec::with_capacity(rows)),
            Values::I32(_) => Values::I32(Vec::with_capacity(rows)),
            Values::I64(_) => Values::I64(Vec::with_capacity(rows)),
            Values::F32(_) => Values::F32(Vec::with_capacity(rows)),
            Values::F64(_) => Values::F64(Vec::with_capacity(rows)),
            #[cfg(feature = "decimal")]
            Values::Decimal(_) => Values::Decimal(Vec::with_capacity(rows)),
            Values::Uuid(_) => Values::Uuid(Vec::with_capacity(rows)),
            Values::Date(_) => Values::Date(Vec::with_capacity(rows)),
            Values::Time(_) => Values::Time(Vec::with_capacity(rows)),
            Values::DateTime(_) => Values::DateTime(Vec::with_capacity(rows)),
            Values::LocalDateTime(_) => Values::LocalDateTime(Vec::with_capacity(rows)),
            Values::Text(_) => Values::Text(Text::with_capacity(rows, 0)),
            Values::Json(_) => Values::Json(Text::with_capacity(rows, 0)),
            Values::List(list) => {
                Values::List(List { ends: Vec::with_capacity(rows), items: Box::new(list.items.like(0)) })
            }
            Values::Record(record) => Values::Record(Record::new(record.def)),
        };
        Column { values, valid: None }
    }

    /// The rows at these positions, in this order.
    pub fn take(&self, rows: impl ExactSizeIterator<Item = usize>) -> Column {
        // Keys, mostly.
        if let (None, Some(values)) = (&self.valid, self.integers()) {
            return Column::from_values(Values::I64(rows.map(|row| values[row]).collect()));
        }
        let mut out = self.like(rows.len());
        for row in rows {
            out.push_from(self, row);
        }
        out
    }

    /// The values of a column of 64-bit integers, as most keys are; where one is null, some number.
    pub(crate) fn integers(&self) -> Option<&[i64]> {
        match &self.values {
            Values::I64(values) => Some(values),
            _ => None,
        }
    }

    /// A reference to one row's value, for keys.
    pub(crate) fn get(&self, row: usize) -> Option<KeyRef<'_>> {
        if self.is_null(row) {
            return None;
        }
        Some(match &self.values {
            Values::Bool(v) => KeyRef::Int(i64::from(v[row])),
            Values::I16(v) => KeyRef::Int(i64::from(v[row])),
            Values::I32(v) => KeyRef::Int(i64::from(v[row])),
            Values::I64(v) => KeyRef::Int(v[row]),
            Values::Text(v) | Values::Json(v) => KeyRef::Text(v.get(row)),
            Values::Uuid(v) => KeyRef::Wide(v[row].as_u128()),
            Values::Date(v) => KeyRef::Int(i64::from(v[row].to_epoch_days())),
            Values::Time(v) => KeyRef::Wide(time_nanos(v[row])),
            Values::DateTime(v) => KeyRef::Wide(instant_nanos(v[row].naive_utc())),
            Values::LocalDateTime(v) => KeyRef::Wide(instant_nanos(v[row])),
            Values::F32(v) => KeyRef::Int(i64::from(v[row].to_bits())),
            Values::F64(v) => KeyRef::Wide(u128::from(v[row].to_bits())),
            // 1.0 is 1.00.
            #[cfg(feature = "decimal")]
            Values::Decimal(v) => KeyRef::Wide(u128::from_le_bytes(v[row].normalize().serialize())),
            Values::List(_) | Values::Record(_) => return None,
        })
    }
}

fn time_nanos(time: NaiveTime) -> u128 {
    use chrono::Timelike;
    u128::from(time.num_seconds_from_midnight()) * 2_000_000_000 + u128::from(time.nanosecond())
}

fn instant_nanos(at: NaiveDateTime) -> u128 {
    let days = i128::from(at.date().to_epoch_days()) * 200_000_000_000_000;
    (days + time_nanos(at.time()) as i128) as u128
}

/// One value of a key column, comparable and hashable whatever its type. Columns that are compared have the same kind, or
/// integers of different width.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum KeyRef<'a> {
    Int(i64),
    Wide(u128),
    Text(&'a str),
}
