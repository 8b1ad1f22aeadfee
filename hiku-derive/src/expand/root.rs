//! A struct with `#[root]`.
//!
//! ```text
//! static __DEF: __hiku::NodeDef = __hiku::NodeDef { name: "Query", key: &[], members: &[ .. ], source: __hiku::SourceDef::None, .. };
//! impl __hiku::Root for Query { fn def() -> &'static __hiku::NodeDef { &__DEF } }
//! ```

use proc_macro2::TokenStream;
use quote::quote;

use super::{link, node};
use crate::ast::Struct;

/// The definition.
pub(super) fn expand(item: &Struct) -> TokenStream {
    let def = node::definition(item, &quote!(&[]), &quote!(__hiku::SourceDef::None));
    let root = root(item, &quote!(&__DEF));
    let checks = item.links().flat_map(|each| link::checks(item, each));
    quote! {
        #def
        #root
        #(#checks)*
    }
}

/// What stands in for the definition when the item has mistakes.
pub(super) fn stub(item: &Struct) -> TokenStream {
    root(item, &quote!(::core::unreachable!()))
}

fn root(item: &Struct, def: &TokenStream) -> TokenStream {
    let ident = &item.item.ident;
    quote! {
        #[automatically_derived]
        impl __hiku::Root for #ident {
            fn def() -> &'static __hiku::NodeDef { #def }
        }
    }
}
