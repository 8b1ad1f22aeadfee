//! IR → tokens. Cannot fail: what is wrong was reported before.
//!
//! Generated code is data plus one line of glue: definitions in one `const _: () = { .. };` per item, with absolute paths
//! and names that begin with `__`. A user's type stands in it in one form, `<Type as Trait>`, with its own span: when it
//! does not fit, rustc finds the same error in each place and reports it once.

mod cases;
mod field;
mod link;
mod loader;
mod node;
mod root;
mod scalar;
mod values;

pub(crate) use cases::derive_cases;
pub(crate) use scalar::derive_scalar;
pub(crate) use values::{derive_enum, derive_input, derive_record};

use proc_macro2::{Literal, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Ident, Item, Type};

use crate::ast::{Arg, Check, Impl, Macro, Names, Order, Rule, Struct};
use crate::attr::Bounds;
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

/// `|| __hiku::default::<i32>(10)`.
fn default(ty: &Type, default: &TokenStream) -> TokenStream {
    // `default = 10` of an `Option<i32>` too.
    let ty = lower::optional(ty).filter(|_| default.to_string() != "None").unwrap_or(ty);
    quote!(|| __hiku::default::<#ty>(#default))
}

/// One `ArgDef`.
fn arg(arg: &Arg) -> TokenStream {
    let Arg { name, docs, deprecated, ty, default: given, checks: rules } = arg;
    let (name, ty_const) = (name.value(), of(ty, "Value", "TYPE"));
    let base = quote_spanned!(ty.span()=> __hiku::argument(#name, #ty_const));
    let mut rest = TokenStream::new();
    for (key, text) in [("description", docs), ("deprecated", deprecated)] {
        if let Some(text) = text {
            let key = Ident::new(key, Span::call_site());
            rest.extend(quote!(#key: ::core::option::Option::Some(#text),));
        }
    }
    if let Some(given) = given {
        let given = default(ty, given);
        rest.extend(quote!(default: ::core::option::Option::Some(#given),));
    }
    if !rules.is_empty() {
        let rules = checks(ty, rules);
        rest.extend(quote!(checks: #rules,));
    }
    if rest.is_empty() { base } else { quote!(__hiku::ArgDef { #rest ..#base }) }
}

/// What is judged of a type: not its absence.
fn judged(ty: &Type) -> &Type {
    let absent = lower::only_argument(ty).filter(|_| lower::is_named(ty, &["MaybeAbsent"]));
    match lower::optional(ty).or(absent) {
        Some(inner) => judged(inner),
        None => ty,
    }
}

/// `&[__hiku::Check::Length { min: 1, max: 10 }]`.
fn checks(ty: &Type, checks: &[Check]) -> TokenStream {
    let whole = |bound: Option<f64>, missing: &str| {
        let missing = Ident::new(missing, Span::call_site());
        bound.map_or_else(
            || quote!(::core::primitive::u64::#missing),
            |bound| Literal::u64_unsuffixed(bound as u64).to_token_stream(),
        )
    };
    let float = |bound: Option<f64>, missing: &str| {
        let missing = Ident::new(missing, Span::call_site());
        match bound {
            None => quote!(::core::primitive::f64::#missing),
            Some(bound) => {
                let number = Literal::f64_unsuffixed(bound.abs());
                if bound < 0.0 { quote!(-#number) } else { number.to_token_stream() }
            }
        }
    };
    let ty = judged(ty);
    let checks = checks.iter().map(|Check { span, rule }| match rule {
        Rule::Length(Bounds { min, max }) => {
            let (min, max) = (whole(*min, "MIN"), whole(*max, "MAX"));
            quote!(__hiku::Check::Length { min: #min, max: #max })
        }
        Rule::Range(Bounds { min, max }) => {
            let (min, max) = (float(*min, "NEG_INFINITY"), float(*max, "INFINITY"));
            quote!(__hiku::Check::Range { min: #min, max: #max })
        }
        Rule::Pattern(pattern) => quote!(__hiku::Check::Pattern(#pattern)),
        Rule::Custom(path) => {
            // By a closure: a function of `&str` judges a `String`.
            let call = quote_spanned!(*span=> __hiku::judge_by::<#ty, _>(|__given| #path(__given), __value));
            quote!(__hiku::Check::Custom(|__value| #call))
        }
    });
    quote!(&[#(#checks),*])
}

/// That checks are of values that they can judge.
fn checks_fit(rust: &str, ty: &Type, checks: &[Check]) -> Vec<TokenStream> {
    let ty = of(ty, "Value", "TYPE");
    let fit = checks.iter().filter_map(|Check { span, rule }| {
        let (check, what) = match rule {
            Rule::Length(_) => {
                ("has_length", "is neither a `String` nor a `Vec`, so it has no length: remove `length`")
            }
            Rule::Range(_) => ("is_number", "is no number: remove `range`"),
            Rule::Pattern(_) => ("is_text", "is no `String`: remove `pattern`"),
            Rule::Custom(_) => return None,
        };
        let (check, what) =
            (Ident::new(check, *span), format!("`{rust}` {what}, or write `check = path` with a function"));
        Some(quote_spanned!(*span=> const _: () = __hiku::check::#check(#ty, #what);))
    });
    fit.collect()
}
