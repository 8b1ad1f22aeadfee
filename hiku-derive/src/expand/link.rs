//! A link of a struct.
//!
//! ```text
//! __hiku::link(<Many<Actor> as __hiku::LinkType>::SHAPE, __hiku::names("actors", "actors"), __hiku::LinkVia::To(..))
//! const _: () = { let _ = __hiku::check::foreign_key(__hiku::check::key::<Character>(), ..); };
//! ```

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Ident, Path};

use super::node::columns_name;
use super::{names, of, order};
use crate::ast::{Link, Paging, Struct, Via};
use crate::lower::only_argument;

/// The `MemberDef`.
pub(super) fn expand(item: &Struct, link: &Link) -> TokenStream {
    let (cfgs, names, via) = (&link.names.cfgs, names(&link.names), via(item, link));
    let shape = of(&link.ty, "LinkType", "SHAPE");
    let paging = match link.paging {
        None => None,
        Some(Paging::All) => Some(quote!(paging: __hiku::Paging::All,)),
        Some(Paging::Page { default, max }) => {
            Some(quote!(paging: __hiku::Paging::Page { default: #default, max: #max },))
        }
    };
    let order = (!link.order.is_empty()).then(|| {
        let keys = order(&link.order);
        quote!(order: #keys,)
    });
    if paging.is_none() && order.is_none() {
        let def = quote_spanned!(link.ty.span()=> __hiku::link(#shape, #names, #via));
        return quote!(#(#cfgs)* #def);
    }
    let def = quote_spanned!(link.ty.span()=> __hiku::link_def(#shape, #names, #via));
    quote!(#(#cfgs)* __hiku::MemberDef::Link(__hiku::LinkDef { #paging #order ..#def }))
}

/// `<Actor as Node>::COLUMNS.character_id`, with the user's spans.
fn column(owner: impl ToTokens, column: &Ident) -> TokenStream {
    quote_spanned!(column.span()=> <#owner as __hiku::Node>::COLUMNS.#column)
}

fn column_names(owner: &impl ToTokens, columns: &[Ident]) -> TokenStream {
    let columns = columns.iter().map(|name| {
        let column = column(owner, name);
        quote_spanned!(name.span()=> #column.name())
    });
    quote!(&[#(#columns),*])
}

fn via(item: &Struct, link: &Link) -> TokenStream {
    match &link.via {
        Via::To { owner, columns } => {
            let columns = column_names(owner, columns);
            quote!(__hiku::LinkVia::To(#columns))
        }
        Via::From(columns) => {
            let columns = columns.iter().map(|column| syn::ext::IdentExt::unraw(column).to_string());
            quote!(__hiku::LinkVia::From(&[#(#columns),*]))
        }
        Via::Through { join, columns: Some((from, to)) } => {
            let (from, to) = (column_names(join, from), column_names(join, to));
            through(join, &from, &to)
        }
        Via::Through { join, columns: None } => {
            let (ident, columns) = (&item.item.ident, of(join, "Node", "Columns"));
            let refers = |to: &TokenStream| quote_spanned!(join.span()=> __hiku::To(#to).in_columns::<#columns>());
            let own = refers(&quote!(::core::marker::PhantomData::<fn() -> #ident>));
            through(join, &own, &refers(&of(&link.ty, "LinkType", "TARGET")))
        }
        Via::Sql(sql) => quote!(__hiku::LinkVia::Sql(#sql)),
        Via::All => quote!(__hiku::LinkVia::All),
        Via::ByKey => quote!(__hiku::LinkVia::ByKey),
    }
}

fn through(join: &Path, from: &TokenStream, to: &TokenStream) -> TokenStream {
    let def = of(join, "Node", "def");
    quote!(__hiku::LinkVia::Through { join: #def, from: #from, to: #to })
}

/// That the struct is a join table to what this link leads to: only if no other link leads there.
pub(super) fn refers_to(item: &Struct, link: &Link) -> Option<TokenStream> {
    let Via::From(columns) = &link.via else { return None };
    let target = only_argument(&link.ty)?;
    let to = target.to_token_stream().to_string();
    let same = item
        .links()
        .filter(|other| matches!(other.via, Via::From(_)))
        .filter(|other| only_argument(&other.ty).is_some_and(|ty| ty.to_token_stream().to_string() == to));
    if same.count() > 1 {
        return None;
    }
    let (cfgs, columns_name) = (&link.names.cfgs, columns_name(item));
    let columns = columns.iter().map(|column| syn::ext::IdentExt::unraw(column).to_string());
    // The type as written: coherence does not look through `<One<Actor> as LinkType>::Target`.
    Some(quote! {
        #(#cfgs)*
        #[automatically_derived]
        impl __hiku::RefersTo<#target> for #columns_name {
            const COLUMNS: __hiku::List = &[#(#columns),*];
        }
    })
}

/// What is checked across types.
pub(super) fn checks(item: &Struct, link: &Link) -> Vec<TokenStream> {
    let (cfgs, ident, ty) = (&link.names.cfgs, &item.item.ident, &link.ty);
    let [target, key, shape] = ["TARGET", "KEY", "SHAPE"].map(|item| of(ty, "LinkType", item));
    let own_key = quote!(__hiku::check::key::<#ident>());
    let mut checks = Vec::new();
    match &link.via {
        Via::To { owner, columns } => {
            let columns = foreign_key(owner, columns);
            let span = owner.span();
            let columns = quote_spanned!(span=> __hiku::check::held_by(#target, #columns));
            checks.push(refers(span, &own_key, &columns));
        }
        Via::From(columns) => {
            let span = columns.first().map_or_else(|| ty.span(), Ident::span);
            let nullable = refers(span, &key, &foreign_key(ident, columns));
            let names: Vec<String> = columns.iter().map(|column| format!("`{column}`")).collect();
            let what = format!("{} can be null, `One` cannot: write `Maybe<..>`", names.join(", "));
            checks.push(quote_spanned!(ty.span()=> __hiku::check::one_is_not_null(#shape, #nullable, #what)));
        }
        Via::Through { join, columns: Some((from, to)) } => {
            for (columns, key) in [(from, &own_key), (to, &key)] {
                checks.push(refers(columns[0].span(), key, &foreign_key(join, columns)));
            }
        }
        Via::Through { columns: None, .. } | Via::Sql(_) | Via::All | Via::ByKey => {}
    }
    for key in &link.order {
        let (field, name) = (&key.field, &link.names.rust);
        let what = format!("`order` names `{field}`, which is no stored field of the node that `{name}` leads to");
        checks.push(quote_spanned!(key.span=> __hiku::check::has_field(#shape.stored, #field, #what)));
    }
    let constant = |check| quote!(#(#cfgs)* const _: () = { let _ = #check; };);
    checks.into_iter().map(constant).collect()
}

/// The columns of a foreign key.
fn foreign_key(owner: &impl ToTokens, columns: &[Ident]) -> TokenStream {
    let span = columns[0].span();
    let check = match columns.len() {
        2 => quote_spanned!(span=> columns_2),
        3 => quote_spanned!(span=> columns_3),
        4 => quote_spanned!(span=> columns_4),
        _ => quote_spanned!(span=> column),
    };
    let columns = columns.iter().map(|name| column(owner, name));
    quote_spanned!(span=> __hiku::check::#check(#(&#columns),*))
}

/// That columns refer to a key, and whether they can be null.
fn refers(span: Span, key: &TokenStream, columns: &TokenStream) -> TokenStream {
    quote_spanned!(span=> __hiku::check::foreign_key(#key, #columns))
}
