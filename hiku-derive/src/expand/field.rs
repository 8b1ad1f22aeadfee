//! A field of a struct.
//!
//! ```text
//! __hiku::plain(__STORED, 1, "shipId")
//! __hiku::id(__STORED, 0, __hiku::names("id", "id"), "id")
//! ```

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::{Attribute, Ident, Type};

use super::{names, of};
use crate::ast::{Field, Source};

/// Which scalar a field is in the schema.
#[derive(Clone, Copy)]
enum Scalar {
    /// That of its type.
    Own,
    Id,
    BigInt,
}

/// The `MemberDef` of the stored field at `at`.
pub(super) fn stored(field: &Field, at: &TokenStream) -> TokenStream {
    let cfgs = &field.names.cfgs;
    let written = field.scalar.as_ref().map(ToString::to_string);
    let scalar = match written.as_deref() {
        Some("ID") => Scalar::Id,
        Some("BigInt") => Scalar::BigInt,
        None if field.key => Scalar::Id,
        _ => Scalar::Own,
    };
    let (rust, public) = (&field.names.rust, field.names.public.value());
    let names = names(&field.names);
    let make = match (&field.source, scalar) {
        (Source::Column(column), Scalar::Own) if field.names.is_plain() && column.value() == *rust => {
            quote!(plain(__STORED, #at, #public))
        }
        (Source::Column(column), Scalar::Own) => quote!(column(__STORED, #at, #names, #column)),
        (Source::Column(column), Scalar::Id) => quote!(id(__STORED, #at, #names, #column)),
        (Source::Sql(sql), Scalar::Own) => quote!(sql(__STORED, #at, #names, #sql)),
        (Source::Sql(sql), Scalar::Id) => quote!(sql_id(__STORED, #at, #names, #sql)),
        (Source::Column(column), Scalar::BigInt) => quote!(big_int(__STORED, #at, #names, #column)),
        (Source::Sql(sql), Scalar::BigInt) => quote!(sql_big_int(__STORED, #at, #names, #sql)),
    };
    quote!(#(#cfgs)* __hiku::#make)
}

/// `type = Int` says what the type of the field is already, or is wrong; `type = ID` and `type = BigInt` need a value that can be
/// one.
pub(super) fn check(field: &Field) -> Option<TokenStream> {
    let scalar = field.scalar.as_ref()?;
    if field.key && scalar == "ID" {
        return None;
    }
    Some(check_scalar(scalar, &field.names.cfgs, &field.names.rust, &field.ty))
}

/// As [`check`], of a field of a record too.
pub(super) fn check_scalar(scalar: &Ident, cfgs: &[Attribute], rust: &str, ty: &Type) -> TokenStream {
    let (name, ty) = (scalar.to_string(), of(ty, "Value", "TYPE"));
    let check = match name.as_str() {
        "ID" => {
            let what = format!(
                "`{rust}` cannot be an `ID`: make it an integer, a `String` or a `Uuid`, or remove `type = ID`"
            );
            quote_spanned!(scalar.span()=> id(#ty, #what))
        }
        "BigInt" => {
            let what = format!("`{rust}` cannot be a `BigInt`: make it an `i64`, or remove `type = BigInt`");
            quote_spanned!(scalar.span()=> big_int(#ty, #what))
        }
        _ => {
            let what =
                format!("`{rust}` is no `{name}` in the schema: write `type = ID`, or change the type of the field");
            quote_spanned!(scalar.span()=> scalar(#ty, #name, #what))
        }
    };
    quote_spanned!(scalar.span()=> #(#cfgs)* const _: () = __hiku::check::#check;)
}
