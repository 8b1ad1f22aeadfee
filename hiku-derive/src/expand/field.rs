//! A field of a struct.
//!
//! ```text
//! __hiku::column(__STORED, __hiku::names("name", "name"), "name")
//! __hiku::id(<i64 as __hiku::KeyPart>::ID, __hiku::names("id", "id"), "id")
//! ```

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;

use super::names;
use crate::ast::{Field, Source};
use crate::lower::optional;

/// The `MemberDef`.
pub(super) fn stored(field: &Field) -> TokenStream {
    let (cfgs, ty, names) = (&field.names.cfgs, &field.ty, names(&field.names));
    let is_id = field.scalar.as_ref().map_or(field.key, |scalar| scalar == "ID");
    let id = is_id.then(|| match optional(ty) {
        Some(inner) => {
            let id = quote_spanned!(inner.span()=> <#inner as __hiku::KeyPart>::ID);
            quote!(const { &__hiku::TypeDef::Nullable(#id) })
        }
        None => quote_spanned!(ty.span()=> <#ty as __hiku::KeyPart>::ID),
    });
    match (&field.source, id) {
        (Source::Column(column), None) => quote!(#(#cfgs)* __hiku::column(__STORED, #names, #column)),
        (Source::Column(column), Some(id)) => quote!(#(#cfgs)* __hiku::id(#id, #names, #column)),
        (Source::Sql(sql), None) => quote!(#(#cfgs)* __hiku::sql(__STORED, #names, #sql)),
        (Source::Sql(sql), Some(id)) => quote!(#(#cfgs)* __hiku::sql_id(#id, #names, #sql)),
    }
}

/// `type = Int` says what the type of the field is already, or is wrong.
pub(super) fn check(field: &Field) -> Option<TokenStream> {
    let scalar = field.scalar.as_ref().filter(|scalar| *scalar != "ID")?;
    let (cfgs, ty, name) = (&field.names.cfgs, &field.ty, scalar.to_string());
    let what = format!(
        "`{}` is no `{name}` in the schema: write `type = ID`, or change the type of the field",
        field.names.rust
    );
    let of = quote_spanned!(ty.span()=> <#ty as __hiku::Value>::TYPE);
    Some(quote_spanned!(scalar.span()=> #(#cfgs)* const _: () = __hiku::check::scalar(#of, #name, #what);))
}
