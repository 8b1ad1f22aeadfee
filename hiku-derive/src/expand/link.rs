//! A link of a struct.
//!
//! ```text
//! __hiku::link(<Many<Actor> as __hiku::LinkType>::SHAPE, __hiku::names("actors", "actors"), __hiku::LinkVia::To(..))
//! const _: () = { let _ = __hiku::check::foreign_key::<<Character as __hiku::Node>::Key, .., _, _>(..); };
//! ```

use proc_macro2::TokenStream;
use quote::{ToTokens, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Ident, Path};

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
        return quote!(#(#cfgs)* __hiku::link(#shape, #names, #via));
    }
    let def = quote!(__hiku::link_def(#shape, #names, #via));
    quote!(#(#cfgs)* __hiku::MemberDef::Link(__hiku::LinkDef { #paging #order ..#def }))
}

/// `<Many<Actor> as LinkType>::Target`.
fn target(link: &Link) -> TokenStream {
    of(&link.ty, "LinkType", "Target")
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
            let itself = of(join, "Itself", "Node");
            let (from, to) = (column_names(&itself, from), column_names(&itself, to));
            through(join, &from, &to)
        }
        Via::Through { join, columns: None } => {
            let (ident, target, itself) = (&item.item.ident, target(link), of(join, "Itself", "Node"));
            let refers = |to: &TokenStream| quote_spanned!(join.span()=> <#itself as __hiku::RefersTo<#to>>::COLUMNS);
            through(join, &refers(&quote!(#ident)), &refers(&target))
        }
        Via::Sql(sql) => quote!(__hiku::LinkVia::Sql(#sql)),
        Via::All => quote!(__hiku::LinkVia::All),
        Via::ByKey => quote!(__hiku::LinkVia::ByKey),
    }
}

fn through(join: &Path, from: &TokenStream, to: &TokenStream) -> TokenStream {
    let itself = of(join, "Itself", "Node");
    let def = quote_spanned!(join.span()=> <#itself as __hiku::Node>::def);
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
    let (cfgs, ident) = (&link.names.cfgs, &item.item.ident);
    let columns = columns.iter().map(|column| syn::ext::IdentExt::unraw(column).to_string());
    // The type as written: coherence does not look through `<One<Actor> as LinkType>::Target`.
    Some(quote! {
        #(#cfgs)*
        #[automatically_derived]
        impl __hiku::RefersTo<#target> for #ident {
            const COLUMNS: &'static [&'static str] = &[#(#columns),*];
        }
    })
}

/// What is checked across types.
pub(super) fn checks(item: &Struct, link: &Link) -> Vec<TokenStream> {
    let (cfgs, ident, ty, target) = (&link.names.cfgs, &item.item.ident, &link.ty, target(link));
    let mut checks = Vec::new();
    let own_key = quote!(<#ident as __hiku::Node>::Key);
    match &link.via {
        Via::To { owner, columns } => {
            let columns: Vec<_> = columns.iter().map(|name| column(owner, name)).collect();
            let call = foreign_key(owner.span(), &own_key, &target, &columns);
            checks.push(quote!(#(#cfgs)* const _: () = { let _ = #call; };));
        }
        Via::From(columns) => {
            let span = columns.first().map_or_else(|| ty.span(), Ident::span);
            let names: Vec<_> = columns.iter().map(|name| column(ident, name)).collect();
            let key = quote!(<#target as __hiku::Node>::Key);
            let call = foreign_key(span, &key, &quote!(#ident), &names);
            let names: Vec<String> = columns.iter().map(|column| format!("`{column}`")).collect();
            let what = format!("{} can be null, `One` cannot: write `Maybe<..>`", names.join(", "));
            let shape = of(ty, "LinkType", "SHAPE");
            checks.push(quote_spanned!(ty.span()=> #(#cfgs)* const _: () = __hiku::check::one_is_not_null(#shape, #call, #what);));
        }
        Via::Through { join, columns: Some((from, to)) } => {
            let join = of(join, "Itself", "Node");
            for (names, key) in [(from, own_key), (to, quote!(<#target as __hiku::Node>::Key))] {
                let columns: Vec<_> = names.iter().map(|name| column(&join, name)).collect();
                let call = foreign_key(names[0].span(), &key, &join, &columns);
                checks.push(quote!(#(#cfgs)* const _: () = { let _ = #call; };));
            }
        }
        Via::Through { columns: None, .. } | Via::Sql(_) | Via::All | Via::ByKey => {}
    }
    for key in &link.order {
        let field = &key.field;
        let what = format!(
            "`order` names `{field}`, which is no stored field of the node that `{}` leads to",
            link.names.rust
        );
        checks.push(quote_spanned!(key.span=> #(#cfgs)* const _: () =
            __hiku::check::has_field(<#target as __hiku::Node>::STORED, #field, #what);));
    }
    checks
}

/// Whether a foreign key can be null; that it is one, its bounds say.
fn foreign_key(
    span: proc_macro2::Span,
    key: &TokenStream,
    holder: &TokenStream,
    columns: &[TokenStream],
) -> TokenStream {
    let check = match columns.len() {
        2 => quote_spanned!(span=> __hiku::check::foreign_key_2),
        3 => quote_spanned!(span=> __hiku::check::foreign_key_3),
        4 => quote_spanned!(span=> __hiku::check::foreign_key_4),
        _ => quote_spanned!(span=> __hiku::check::foreign_key),
    };
    let rest = columns.iter().map(|_| quote_spanned!(span=> _));
    quote_spanned!(span=> #check::<#key, #holder, _, #(#rest),*>(#(&#columns),*))
}
