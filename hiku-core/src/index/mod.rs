//! The result store: columns, tables, edges and errors by row.
//!
//! A column is written once, by one step, and sealed in an `Arc`; nothing here knows how values were loaded or how they
//! will be written.

mod bits;
mod column;
mod keys;
mod memory;
mod scalars;
mod sound;
mod table;
mod value;

pub use bits::Bits;
#[cfg(any(feature = "sqlite", feature = "mysql"))]
pub(crate) use column::KeyRef;
pub use column::{Column, List, Record, Text, Values};
pub(crate) use keys::{Combinations, KeyIndex, distinct};
pub use memory::{Groups, Memory, MemoryRows};
pub use scalars::{BigInt, ID};
pub(crate) use sound::{is_sound, known};
pub(crate) use table::{Cells, Edges, Index, Map, NO_ROW, Place, RowErrors, Table, Targets};
#[cfg(all(feature = "decimal", feature = "sql"))]
pub(crate) use value::decimal;
pub use value::{
    Batch, Copied, EnumType, MaybeAbsent, Newtype, Param, Value, enum_from_json, enum_to_json, read_enum, read_record,
    write_enum, write_record,
};
pub(crate) use value::{push_given, push_json, stored_position};
