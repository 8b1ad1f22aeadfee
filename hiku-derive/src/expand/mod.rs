//! IR → tokens. Cannot fail: what is wrong was reported before.
//!
//! Generated code is data plus one line of glue: definitions in one `const _: () = { .. };` per item, with absolute paths
//! and names that begin with `__`. A user's type stands in it in one form, `<Type as Trait>`, with its own span: when it
//! does not fit, rustc finds the same error in each place and reports it once.

mod field;
mod link;
mod loader;
mod node;
mod root;
mod scalar;

pub(crate) use scalar::derive_scalar;

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::{Ident, Item};

use crate::ast::{Arg, Impl, Macro, Names, Order, Struct};
use crate::check;
use crate::ctxt::Ctxt;
use crate::lower;

/// `#[node]` and `#[root]`.
pub(crate) fn attribute(of: Macro, args: TokenStream, item: TokenStream) -> TokenStream {
    let cx = Ctxt::new();
    match syn::parse2(item.clone()) {
        Ok(Item::Struct(item)) => match lower::lower_struct(&cx, of, args, item) {
            Ok(item) => {
                check::check_struct(&cx, &item);
                finish_struct(cx, &item)
            }
            Err(item) => with_errors(cx, item),
        },
        Ok(Item::Impl(item)) => match lower::lower_impl(&cx, of, args, item) {
            Ok(item) => {
                check::check_impl(&cx, &item);
                finish_impl(cx, &item)
            }
            Err(item) => with_errors(cx, item),
        },
        Ok(item) => {
            let name = of.name();
            cx.error(
                head(&item),
                format!("`#[{name}]` takes a struct with named fields, or an `impl` block of one: write `#[{name}] struct ..`"),
            );
            with_errors(cx, item)
        }
        Err(error) => {
            cx.push(error);
            with_errors(cx, item)
        }
    }
}

/// Where an item of the wrong kind is best pointed at: its keyword.
fn head(item: &Item) -> TokenStream {
    match item {
        Item::Enum(item) => item.enum_token.to_token_stream(),
        Item::Union(item) => item.union_token.to_token_stream(),
        Item::Fn(item) => item.sig.fn_token.to_token_stream(),
        Item::Trait(item) => item.trait_token.to_token_stream(),
        Item::Mod(item) => item.mod_token.to_token_stream(),
        Item::Type(item) => item.type_token.to_token_stream(),
        other => other.to_token_stream(),
    }
}

fn with_errors(cx: Ctxt, item: impl ToTokens) -> TokenStream {
    let errors = cx.check();
    quote!(#item #errors)
}

fn finish_struct(cx: Ctxt, item: &Struct) -> TokenStream {
    let user = &item.item;
    let generic = !user.generics.params.is_empty();
    let (failed, errors) = (cx.failed(), cx.check());
    let body = match (item.of, failed) {
        (_, true) if generic => return quote!(#user #errors),
        (Macro::Node, true) => node::stub(item),
        (Macro::Root, true) => root::stub(item),
        (Macro::Node, false) => node::expand(item),
        (Macro::Root, false) => root::expand(item),
    };
    let body = block(&item.krate, &body);
    quote!(#user #errors #body)
}

fn finish_impl(cx: Ctxt, item: &Impl) -> TokenStream {
    let user = &item.item;
    if cx.failed() {
        return with_errors(cx, user);
    }
    cx.check();
    let body = block(&item.krate, &loader::expand(item));
    quote!(#user #body)
}

/// The one place where generated code stands.
fn block(krate: &syn::Path, body: &TokenStream) -> TokenStream {
    quote! {
        #[allow(clippy::all, clippy::pedantic, deprecated, private_interfaces, unreachable_pub)]
        #[allow(unused_imports, unused_qualifications)]
        const _: () = {
            use #krate::__private010::{self as __hiku, NoPart as _};
            #body
        };
    }
}

fn option(value: Option<impl ToTokens>) -> TokenStream {
    match value {
        Some(value) => quote!(::core::option::Option::Some(#value)),
        None => quote!(::core::option::Option::None),
    }
}

/// What a loader is given of a field with a type of values: the value.
fn param(ident: &Ident) -> TokenStream {
    quote! {
        #[automatically_derived]
        impl<'__a> __hiku::Param<'__a> for #ident {
            type Owned = Self;
            fn at(__column: &'__a __hiku::Column, __row: ::core::primitive::usize) -> Self {
                <Self as __hiku::Value>::read(__column, __row)
            }
        }
    }
}

/// `<Type as __hiku::Trait>::ITEM`. When the type does not fit, the whole of it is underlined, in the same way wherever it
/// is named: equal errors are reported once.
fn of(ty: &impl ToTokens, of: &str, item: &str) -> TokenStream {
    let (first, last) = ends(ty);
    let (of, item) = (Ident::new(of, last), Ident::new(item, last));
    let open = quote_spanned!(first=> <);
    let close = quote_spanned!(last=> as __hiku::#of>::#item);
    quote!(#open #ty #close)
}

/// `__hiku::Name<Type>`, underlined like [`of`].
fn within(name: &str, ty: &impl ToTokens) -> TokenStream {
    let (first, last) = ends(ty);
    let name = Ident::new(name, first);
    let open = quote_spanned!(first=> __hiku::#name<);
    let close = quote_spanned!(last=> >);
    quote!(#open #ty #close)
}

/// Where it begins and ends.
fn ends(tokens: &impl ToTokens) -> (Span, Span) {
    let mut spans = tokens.to_token_stream().into_iter().map(|token| token.span());
    let first = spans.next().unwrap_or_else(Span::call_site);
    (first, spans.last().unwrap_or(first))
}

/// `__hiku::names("rust", "public")`, with what is not as usual around it.
fn names(names: &Names) -> TokenStream {
    let (rust, public) = (&names.rust, &names.public.value());
    let mut rest = TokenStream::new();
    if let Some(docs) = &names.docs {
        rest.extend(quote!(description: ::core::option::Option::Some(#docs),));
    }
    if let Some(reason) = &names.deprecated {
        rest.extend(quote!(deprecated: ::core::option::Option::Some(#reason),));
    }
    let base =
        if names.hidden { quote!(__hiku::hidden(#rust, #public)) } else { quote!(__hiku::names(#rust, #public)) };
    if rest.is_empty() {
        return base;
    }
    quote!(__hiku::Names { #rest ..#base })
}

/// `&[OrderDef { .. }]`.
fn order(keys: &[Order]) -> TokenStream {
    let keys = keys
        .iter()
        .map(|Order { field, descending, .. }| quote!(__hiku::OrderDef { field: #field, descending: #descending }));
    quote!(&[#(#keys),*])
}

/// One `ArgDef`.
fn arg(arg: &Arg) -> TokenStream {
    let Arg { name, docs, deprecated, ty, default } = arg;
    let ty_const = of(ty, "Value", "TYPE");
    let (name, docs, deprecated) = (name.value(), option(docs.as_ref()), option(deprecated.as_ref()));
    let default = option(default.as_ref().map(|default| {
        // `default = 10` of an `Option<i32>` too.
        let ty = lower::optional(ty).filter(|_| default.to_string() != "None").unwrap_or(ty);
        quote!(|| __hiku::default::<#ty>(#default))
    }));
    quote!(__hiku::ArgDef { name: #name, description: #docs, deprecated: #deprecated, ty: #ty_const, default: #default, checks: &[] })
}
