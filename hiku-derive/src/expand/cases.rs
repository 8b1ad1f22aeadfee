//! `#[derive(Union)]` and `#[derive(Interface)]`: nodes that are one of several.
//!
//! ```text
//! pub enum SearchResultKey { Actor(<Actor as Node>::Key), Movie(<Movie as Node>::Key) }
//! const _: () = {
//!     const __KEYS: &[&[&__hiku::TypeDef]] = &[__hiku::KEY_TAG, <<Actor as __hiku::Node>::Key as __hiku::Key>::PARTS, ..];
//!     const __STORED: &[&[__hiku::StoredDef]] = &[__hiku::TAG, <Actor as __hiku::Node>::STORED, ..];
//!     impl __hiku::Key for SearchResultKey { .. }
//!     impl __hiku::Node for SearchResult { type Key = SearchResultKey; .. }
//! };
//! ```

use proc_macro2::{Literal, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{Ident, Path, Type, parse_quote};

use super::values::derive;
use super::{arg, block, names, of, option};
use crate::ast::{Abstract, Case, Cases, Declared};
use crate::check;
use crate::lower::lower_cases;

/// `#[derive(Union)]`, `#[derive(Interface)]`.
pub(crate) fn derive_cases(of: Abstract, item: TokenStream) -> TokenStream {
    derive(item, |cx, input| {
        let item = lower_cases(cx, of, input);
        check::check_members(cx, &item);
        if cx.failed() { stub(&item) } else { expand(&item) }
    })
}

/// A union with mistakes is a node all the same: others can link to it.
fn stub(item: &Cases) -> TokenStream {
    let ident = &item.head.ident;
    let body = quote! {
        impl __hiku::Node for #ident {
            type Key = ::core::primitive::i64;
            type Columns = ();
            type Kind = __hiku::Several;
            const COLUMNS: () = ();
            const STORED: &'static [__hiku::StoredDef] = &[];
            fn def() -> &'static __hiku::NodeDef { ::core::unreachable!() }
            fn write_to(&self, __to: &mut [__hiku::Column]) { let _ = (self, __to); }
        }
    };
    block(&item.head.krate, &body)
}

fn expand(item: &Cases) -> TokenStream {
    let (ident, vis, krate) = (&item.head.ident, &item.vis, &item.head.krate);
    let key = format_ident!("{}Key", ident.unraw(), span = ident.span());
    let cases: Vec<_> = item.cases.iter().map(|case| &case.ident).collect();
    let types: Vec<_> = item.cases.iter().map(|case| &case.ty).collect();
    let docs = format!("The key of a [`{}`], by the node that it is.", ident.unraw());
    let from = item.cases.iter().map(|Case { ident: case, ty }| {
        quote_spanned! {ty.span()=>
            #[automatically_derived]
            impl ::core::convert::From<#ty> for #ident {
                fn from(__node: #ty) -> Self { Self::#case(__node) }
            }
        }
    });
    let generics: Vec<_> = (0..cases.len()).map(|at| format_ident!("__{at}")).collect();
    let outside: Path = parse_quote!(#krate::__private010::Node);
    let outer = types.iter().map(|ty| outside_of(ty, &outside));
    let nodes: Vec<_> = types.iter().map(|ty| of(ty, "Node", "def")).collect();
    let stored = types.iter().map(|ty| of(ty, "Node", "STORED"));
    let keys = types.iter().map(|ty| {
        let key = of(ty, "Node", "Key");
        quote_spanned!(ty.span()=> <#key as __hiku::Key>::PARTS)
    });
    let write_key = writes(item, "KEYS", |ty| {
        let key = of(ty, "Node", "Key");
        quote_spanned!(ty.span()=> <#key as __hiku::Key>::write_to)
    });
    let write_node = writes(item, "STORED", |ty| of(ty, "Node", "write_to"));
    let (name, description) = (item.head.name.value(), option(item.head.docs.as_ref()));
    let interface = item.of == Abstract::Interface;
    let implements = item.implements.iter().map(|path| of(path, "Node", "def"));
    let members = item.members.iter().map(declared);
    let carried = implements_of(item);
    let single = item.cases.iter().map(|case| {
        let (ty, of) = (of(&case.ty, "Node", "DEF"), item.of.name());
        let what = case.ty.to_token_stream().to_string();
        let what = format!("`{what}` is one of several nodes: write a variant for each of its nodes in this {of}");
        quote_spanned!(case.ty.span()=> const _: () = __hiku::check::single(#ty, #what);)
    });
    let conforms = item
        .members
        .iter()
        .enumerate()
        .flat_map(|(at, member)| item.cases.iter().map(move |case| conforms(item, at, member, case)));
    let body = quote! {
        const __KEYS: &[&[&__hiku::TypeDef]] = &[__hiku::KEY_TAG #(, #keys)*];
        const __STORED: &[&[__hiku::StoredDef]] = &[__hiku::TAG #(, #stored)*];
        const __MEMBERS: &[__hiku::MemberDef] = &[#(#members),*];
        static __DEF: __hiku::NodeDef = __hiku::NodeDef {
            name: #name,
            description: #description,
            key: &[],
            members: __MEMBERS,
            parts: &[],
            source: __hiku::SourceDef::OneOf(__hiku::AbstractDef {
                interface: #interface,
                implements: &[#(#implements),*],
                nodes: &[#(#nodes),*],
            }),
        };
        #[automatically_derived]
        impl __hiku::Key for #key {
            const PARTS: &'static [&'static __hiku::TypeDef] = &__hiku::concat::<_, { __hiku::count(__KEYS) }>(__KEYS);
            fn write_to(&self, __to: &mut [__hiku::Column]) { match self { #write_key } }
        }
        #[automatically_derived]
        impl __hiku::Node for #ident {
            type Key = #key;
            type Columns = ();
            type Kind = __hiku::Several;
            const COLUMNS: () = ();
            const STORED: &'static [__hiku::StoredDef] = &__hiku::concat::<_, { __hiku::count(__STORED) }>(__STORED);
            const DEF: ::core::option::Option<&'static __hiku::NodeDef> = ::core::option::Option::Some(&__DEF);
            fn def() -> &'static __hiku::NodeDef { &__DEF }
            fn write_to(&self, __to: &mut [__hiku::Column]) { match self { #write_node } }
        }
        #(#from)*
        #(#single)*
        #(#carried)*
        #(#conforms)*
    };
    let body = block(krate, &body);
    quote! {
        #[doc = #docs]
        #[derive(::core::clone::Clone)]
        #[allow(missing_docs, private_interfaces, unreachable_pub, clippy::all, clippy::pedantic)]
        #vis enum #key<#(#generics = #outer),*> { #(#cases(#generics)),* }
        #body
    }
}

/// `<Actor as ::hiku::__private010::Node>::Key`, underlined as a whole.
fn outside_of(ty: &Type, node: &Path) -> TokenStream {
    let (first, last) = super::ends(ty);
    let open = quote_spanned!(first=> <);
    let node = node.to_token_stream().into_iter().map(|mut token| {
        token.set_span(token.span().located_at(last));
        token
    });
    let close = quote_spanned!(last=> >::Key);
    quote!(#open #ty as #(#node)* #close)
}

/// The arms that write one case into a wide row.
fn writes(item: &Cases, lists: &str, write: impl Fn(&Type) -> TokenStream) -> TokenStream {
    let lists = format_ident!("__{lists}");
    let arms = item.cases.iter().enumerate().map(|(at, Case { ident, ty })| {
        let (at, write) = (Literal::usize_unsuffixed(at), write(ty));
        quote!(Self::#ident(__case) => __hiku::write_case(__to, #lists, #at, |__to| #write(__case, __to)),)
    });
    quote!(#(#arms)*)
}

fn declared(member: &Declared) -> TokenStream {
    let (names, ty) = (names(&member.names), &member.ty);
    let args = member.args.iter().map(arg);
    if member.link {
        let shape = of(ty, "LinkType", "SHAPE");
        return quote!(__hiku::declared_link(#shape, #names, &[#(#args),*]));
    }
    let ty = of(ty, "Value", "TYPE");
    quote_spanned!(member.ty.span()=> __hiku::declared(#names, #ty, &[#(#args),*]))
}

/// An interface has the members of those that it implements.
fn implements_of(item: &Cases) -> Vec<TokenStream> {
    let name = &item.head.ident;
    let implements = item.implements.iter().map(|path| {
        let (node, other) = (of(path, "Node", "DEF"), path.to_token_stream().to_string());
        let no_interface = format!("`{other}` is no interface: name one with `#[derive(Interface)]`");
        let lacks = format!(
            "`{name}` implements `{other}`, but lacks one of its fields or says it otherwise: say every field of `{other}` here too"
        );
        quote_spanned!(path.span()=> const _: () = __hiku::check::carries(__MEMBERS, #node, #no_interface, #lacks);)
    });
    implements.collect()
}

/// Each node has each member.
fn conforms(item: &Cases, at: usize, member: &Declared, case: &Case) -> TokenStream {
    let (interface, public): (&Ident, _) = (&item.head.ident, member.names.public.value());
    let (node, at) = (of(&case.ty, "Node", "DEF"), Literal::usize_unsuffixed(at));
    let (what, type_name) = (if member.link { "link" } else { "field" }, case.ty.to_token_stream().to_string());
    let lacks = format!(
        "`{type_name}` has no {what} `{public}`, which the interface `{interface}` says: add it to `{type_name}`, or remove it here"
    );
    let differs = format!(
        "`{public}` of `{type_name}` is of another type than the interface `{interface}` says: make them alike"
    );
    let args = format!(
        "`{public}` of `{type_name}` takes other arguments than the interface `{interface}` says: say the same ones, others can be null or have a default"
    );
    let messages = quote!([#lacks, #differs, #args]);
    quote_spanned!(member.names.ident.span()=> const _: () = __hiku::check::implements(&__MEMBERS[#at], #node, #messages);)
}
