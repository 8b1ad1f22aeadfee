//! Whether values are what their types say: what a database holds is no input, and nothing is believed of it.

use super::{Column, Values, stored_position};
use crate::error::{Error, Result};
use crate::graph::TypeDef;

/// Whether no value of a column can be other than its type says, as far as the whole column tells: what is in a record that is
/// null is null, too.
pub(crate) fn is_sound(ty: &TypeDef, column: &Column) -> bool {
    (ty.is_nullable() || !column.has_nulls())
        && match (ty.non_null(), column.values()) {
            (TypeDef::Enum(def), _) => {
                (0..column.len()).all(|at| column.is_null(at) || stored_position(def, column, at).is_ok())
            }
            (TypeDef::List(item), Values::List(list)) => is_sound(item, &list.items),
            (TypeDef::Record(def), Values::Record(record)) => {
                def().fields.iter().zip(record.fields()).all(|(field, column)| is_sound(field.ty, column))
            }
            _ => true,
        }
}

/// Whether the value at `at`, which is not null, is one of the type: enums know it, and nothing in it is null that never is.
pub(crate) fn known(ty: &TypeDef, column: &Column, at: usize) -> Result<()> {
    let inside = |ty: &TypeDef, column: &Column, at, what: &dyn Fn() -> String| match column.is_null(at) {
        false => known(ty, column, at),
        true if ty.is_nullable() => Ok(()),
        true => Err(Error::internal(format!("{} is null, but its type says that it never is", what()))),
    };
    match (ty.non_null(), column.values()) {
        (TypeDef::Enum(def), _) => stored_position(def, column, at).map(|_| ()),
        (TypeDef::List(item), Values::List(list)) => {
            list.range(at).try_for_each(|at| inside(item, &list.items, at, &|| format!("an item of `{ty}`")))
        }
        (TypeDef::Record(def), Values::Record(record)) => {
            let mut fields = def().fields.iter().zip(record.fields());
            fields.try_for_each(|(field, column)| {
                inside(field.ty, column, at, &|| format!("`{}.{}`", def().name, field.stored))
            })
        }
        _ => Ok(()),
    }
}
