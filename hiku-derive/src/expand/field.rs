//! A field of a struct.
//!
//! ```text
//! __hiku::plain(__STORED, "ship_id", "shipId")
//! __hiku::id(__STORED, __hiku::names("id", "id"), "id")
//! ```

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};

use super::{names, of};
use crate::ast::{Field, Source};

/// The `MemberDef`.
pub(super) fn stored(field: &Field) -> TokenStream {
    let (cfgs, is_id) = (&field.names.cfgs, field.scalar.as_ref().map_or(field.key, |scalar| scalar == "ID"));
    let (rust, public) = (&field.names.rust, field.names.public.value());
    let names = names(&field.names);
    let make = match (&field.source, is_id) {
        (Source::Column(column), false) if field.names.is_plain() && column.value() == *rust => {
            quote!(plain(__STORED, #rust, #public))
        }
        (Source::Column(column), false) => quote!(column(__STORED, #names, #column)),
        (Source::Column(column), true) => quote!(id(__STORED, #names, #column)),
        (Source::Sql(sql), false) => quote!(sql(__STORED, #names, #sql)),
        (Source::Sql(sql), true) => quote!(sql_id(__STORED, #names, #sql)),
    };
    quote!(#(#cfgs)* __hiku::#make)
}

/// `type = Int` says what the type of the field is already, or is wrong; `type = ID` needs a value that can be one.
pub(super) fn check(field: &Field) -> Option<TokenStream> {
    let scalar = field.scalar.as_ref()?;
    let (cfgs, name, rust) = (&field.names.cfgs, scalar.to_string(), &field.names.rust);
    let ty = of(&field.ty, "Value", "TYPE");
    let check = if name == "ID" {
        if field.key {
            return None;
        }
        let what =
            format!("`{rust}` cannot be an `ID`: make it an integer, a `String` or a `Uuid`, or remove `type = ID`");
        quote_spanned!(scalar.span()=> id(#ty, #what))
    } else {
        let what = format!("`{rust}` is no `{name}` in the schema: write `type = ID`, or change the type of the field");
        quote_spanned!(scalar.span()=> scalar(#ty, #name, #what))
    };
    Some(quote_spanned!(scalar.span()=> #(#cfgs)* const _: () = __hiku::check::#check;))
}
