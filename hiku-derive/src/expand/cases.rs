//! `#[derive(Union)]` and `#[derive(Interface)]`: nodes that are one of several.
//!
//! ```text
//! pub type SearchResultKey = __SearchResultKey<<Actor as Node>::Key, <Movie as Node>::Key>;
//! pub enum __SearchResultKey<__0, __1> { Actor(__0), Movie(__1) }
//! const _: () = {
//!     const __STORED: &[&[__hiku::StoredDef]] = &[__hiku::TAG, <Actor as __hiku::Node>::STORED, ..];
//!     impl<__0: __hiku::Key, __1: __hiku::Key> __hiku::Key for __SearchResultKey<__0, __1> { .. }
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
///
/// The keys are parameters of the type of the key, so that what is no node is one error, not one for each thing that a key
/// is.
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
            type Stated = __hiku::Several<Self>;
            const SEVERAL: bool = true;
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
    let cased = format_ident!("__{}Key", ident.unraw(), span = ident.span());
    let cases: Vec<_> = item.cases.iter().map(|case| &case.ident).collect();
    let types: Vec<_> = item.cases.iter().map(|case| &case.ty).collect();
    let generics: Vec<_> = (0..cases.len()).map(|at| format_ident!("__{at}")).collect();
    let docs = format!("The key of a [`{}`], by the node that it is.", ident.unraw());
    let from = item.cases.iter().map(|Case { ident: case, ty }| {
        quote_spanned! {ty.span()=>
            #[automatically_derived]
            impl ::core::convert::From<#ty> for #ident {
                fn from(__node: #ty) -> Self { Self::#case(__node) }
            }
        }
    });
    let outside: Path = parse_quote!(#krate::__private010::Node);
    let outer = types.iter().map(|ty| outside_of(ty, &outside));
    let nodes: Vec<_> = types.iter().map(|ty| of(ty, "Node", "def")).collect();
    let stored = types.iter().map(|ty| of(ty, "Node", "STORED"));
    let lists = quote!(&[__hiku::KEY_TAG #(, <#generics as __hiku::Key>::PARTS)*]);
    // A key has at most four parts.
    let most = Literal::usize_unsuffixed(1 + 4 * cases.len());
    let write_key = writes(item, &lists, |at, _| {
        let key = &generics[at];
        quote!(<#key as __hiku::Key>::write_to)
    });
    let write_node = writes(item, &quote!(__STORED), |_, ty| of(ty, "Node", "write_to"));
    let keys = types.iter().map(|ty| of(ty, "Node", "Key"));
    let (first, last) = (super::ends(&types[0]).0, super::ends(&types[types.len() - 1]).1);
    let (own, open, close) =
        (Ident::new(&cased.to_string(), first), quote_spanned!(first=> <), quote_spanned!(last=> >));
    let own = quote!(#own #open #(#keys),* #close);
    let (name, description) = (item.head.name.value(), option(item.head.docs.as_ref()));
    let interface = item.of == Abstract::Interface;
    let implements = item.implements.iter().map(|path| of(path, "Node", "def"));
    let members = item.members.iter().map(declared);
    let carried = implements_of(item);
    let single = item.cases.iter().map(|case| {
        let (ty, of) = (of(&case.ty, "Node", "DEF"), item.of.name());
        let what = written(&case.ty);
        let what = format!("`{what}` is one of several nodes: write a variant for each of its nodes in this {of}");
        quote_spanned!(case.ty.span()=> const _: () = __hiku::check::single(#ty, #what);)
    });
    let conforms = item
        .members
        .iter()
        .enumerate()
        .flat_map(|(at, member)| item.cases.iter().map(move |case| conforms(item, at, member, case)));
    let body = quote! {
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
        impl<#(#generics: __hiku::Key),*> __hiku::Key for #cased<#(#generics),*> {
            const PARTS: &'static [&'static __hiku::TypeDef] =
                __hiku::first(const { &__hiku::concat::<_, #most>(#lists) }, __hiku::count(#lists));
            fn write_to(&self, __to: &mut [__hiku::Column]) { match self { #write_key } }
        }
        #[automatically_derived]
        impl __hiku::Node for #ident {
            type Key = #own;
            type Columns = ();
            type Stated = __hiku::Several<Self>;
            const SEVERAL: bool = true;
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
        #[allow(dead_code, missing_docs, private_interfaces, unreachable_pub)]
        #vis type #key = #cased<#(#outer),*>;
        #[doc(hidden)]
        #[derive(::core::clone::Clone)]
        #[allow(dead_code, missing_docs, private_interfaces, unreachable_pub, clippy::all, clippy::pedantic)]
        #vis enum #cased<#(#generics),*> { #(#cases(#generics)),* }
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
fn writes(item: &Cases, lists: &TokenStream, write: impl Fn(usize, &Type) -> TokenStream) -> TokenStream {
    let arms = item.cases.iter().enumerate().map(|(at, Case { ident, ty })| {
        let (at, write) = (Literal::usize_unsuffixed(at), write(at, ty));
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
        let (node, other) = (of(path, "Node", "DEF"), written(path));
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
    let (what, type_name) = (if member.link { "link" } else { "field" }, written(&case.ty));
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

/// A path as users write it.
fn written(tokens: &impl ToTokens) -> String {
    tokens.to_token_stream().to_string().replace(" :: ", "::")
}
