//! `#[derive(Enum)]`, `#[derive(Record)]` and `#[derive(Input)]`.
//!
//! ```text
//! static __DEF: __hiku::EnumDef = __hiku::EnumDef { name: "Genre", kind: .., values: &[__hiku::text_item("DRAMA", "DRAMA"), ..] };
//! impl __hiku::EnumType for Genre { .. }
//!
//! static __DEF: __hiku::RecordDef = __hiku::RecordDef { name: "Address", fields: &[__hiku::record_field("zipCode", "zip_code", <String as __hiku::Value>::TYPE)] };
//!
//! static __DEF: __hiku::InputDef = __hiku::InputDef { name: "Page", fields: &[__hiku::input_field("first", <i32 as __hiku::Value>::TYPE)], .. };
//! ```
//! and an `impl __hiku::Value` for each. Derives see their item after `#[cfg]`, so there is none to copy.

use proc_macro2::{Literal, TokenStream};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{DeriveInput, Ident};

use super::field::check_scalar;
use super::{block, checks, checks_fit, default, of, option, param};
use crate::ast::{Enum, Head, Input, InputField, Item, Names, Record, RecordField};
use crate::check;
use crate::ctxt::Ctxt;
use crate::lower::{lower_enum, lower_input, lower_record};

/// `#[derive(Enum)]`.
pub(crate) fn derive_enum(item: TokenStream) -> TokenStream {
    derive(item, |cx, input| {
        let item = lower_enum(cx, input);
        check::check_enum(cx, &item);
        finish(cx, &item.head, false, || expand_enum(&item))
    })
}

/// `#[derive(Record)]`.
pub(crate) fn derive_record(item: TokenStream) -> TokenStream {
    derive(item, |cx, input| {
        let item = lower_record(cx, input);
        check::check_fields(cx, item.fields.iter().map(|field| &field.names));
        finish(cx, &item.head, item.endless, || expand_record(&item))
    })
}

/// `#[derive(Input)]`.
pub(crate) fn derive_input(item: TokenStream) -> TokenStream {
    derive(item, |cx, input| {
        let item = lower_input(cx, input);
        check::check_fields(cx, item.fields.iter().map(|field| &field.names));
        finish(cx, &item.head, item.endless, || if item.one_of { expand_one_of(&item) } else { expand_input(&item) })
    })
}

/// The mistakes of an item, and what was made of it; nothing if it has generics, which none of it could name.
pub(super) fn derive(item: TokenStream, make: impl FnOnce(&Ctxt, &DeriveInput) -> TokenStream) -> TokenStream {
    let cx = Ctxt::new();
    let input: DeriveInput = match syn::parse2(item) {
        Ok(input) => input,
        Err(error) => {
            cx.push(error);
            return cx.check();
        }
    };
    let made = make(&cx, &input);
    let errors = cx.check();
    if input.generics.params.is_empty() { quote!(#errors #made) } else { errors }
}

/// The implementations, or a stub in their place: others can have fields of the type.
fn finish(cx: &Ctxt, head: &Head, endless: bool, expand: impl FnOnce() -> TokenStream) -> TokenStream {
    if !cx.failed() && !endless {
        return block(&head.krate, &expand());
    }
    let ident = &head.ident;
    // Code that moves an endless type has an error of its own.
    let param = (!endless).then(|| param(ident));
    block(
        &head.krate,
        &quote! {
            impl __hiku::Value for #ident { const TYPE: &'static __hiku::TypeDef = __hiku::STUB; }
            #param
        },
    )
}

/// Description and deprecation, where there are some, before `..base`.
fn described(ty: &str, names: &Names, more: &TokenStream, base: &TokenStream) -> TokenStream {
    let mut rest = TokenStream::new();
    if let Some(docs) = &names.docs {
        rest.extend(quote!(description: ::core::option::Option::Some(#docs),));
    }
    if let Some(reason) = &names.deprecated {
        rest.extend(quote!(deprecated: ::core::option::Option::Some(#reason),));
    }
    rest.extend(more.clone());
    if rest.is_empty() {
        return base.clone();
    }
    let ty = Ident::new(ty, proc_macro2::Span::call_site());
    quote!(__hiku::#ty { #rest ..#base })
}

fn expand_enum(item: &Enum) -> TokenStream {
    let (ident, name, docs) = (&item.head.ident, item.head.name.value(), option(item.head.docs.as_ref()));
    let values = item.items.iter().map(|Item { names, stored }| {
        let (variant, public) = (&names.ident, names.public.value());
        let base = if item.integers {
            quote_spanned!(variant.span()=> __hiku::integer_item(#public, #ident::#variant as ::core::primitive::i64))
        } else {
            quote!(__hiku::text_item(#public, #stored))
        };
        described("EnumValueDef", names, &TokenStream::new(), &base)
    });
    let kind = if item.integers { quote!(I32) } else { quote!(Text) };
    let variants: Vec<_> = item.items.iter().map(|item| &item.names.ident).collect();
    let position = if item.discriminants {
        quote!(__hiku::position(&[#(Self::#variants as ::core::primitive::isize),*], self as ::core::primitive::isize))
    } else {
        quote!(self as ::core::primitive::usize)
    };
    let param = param(ident);
    quote! {
        static __DEF: __hiku::EnumDef = __hiku::EnumDef {
            name: #name,
            description: #docs,
            kind: __hiku::Kind::#kind,
            values: &[#(#values),*],
        };
        #[automatically_derived]
        impl __hiku::EnumType for #ident {
            const ENUM: &'static __hiku::EnumDef = &__DEF;
            fn at(__position: ::core::primitive::usize) -> Self { __hiku::item([#(Self::#variants),*], __position) }
            fn position(self) -> ::core::primitive::usize { #position }
        }
        #[automatically_derived]
        impl __hiku::Value for #ident {
            const TYPE: &'static __hiku::TypeDef = &__hiku::TypeDef::Enum(&__DEF);
            fn write_to(&self, __column: &mut __hiku::Column) { __hiku::write_enum(self, __column) }
            fn read(__column: &__hiku::Column, __row: ::core::primitive::usize) -> Self { __hiku::read_enum(__column, __row) }
            fn from_json(__value: &__hiku::Json) -> __hiku::Result<Self> { __hiku::enum_from_json(__value) }
            fn to_json(&self) -> __hiku::Json { __hiku::enum_to_json(self) }
        }
        #param
    }
}

fn expand_record(item: &Record) -> TokenStream {
    let (ident, name, docs) = (&item.head.ident, item.head.name.value(), option(item.head.docs.as_ref()));
    let fields = item.fields.iter().map(|RecordField { names, ty, scalar }| {
        let (public, rust) = (names.public.value(), &names.rust);
        let value = of(ty, "Value", "TYPE");
        let value = match scalar.as_ref().map(ToString::to_string).as_deref() {
            Some("ID") => quote!(__hiku::id_type(#value)),
            Some("BigInt") => quote!(__hiku::big_int_type(#value)),
            _ => value,
        };
        let base = quote_spanned!(ty.span()=> __hiku::record_field(#public, #rust, #value));
        described("RecordFieldDef", names, &TokenStream::new(), &base)
    });
    let checks = item
        .fields
        .iter()
        .filter_map(|field| Some(check_scalar(field.scalar.as_ref()?, &[], &field.names.rust, &field.ty)));
    let write = item.fields.iter().enumerate().map(|(at, RecordField { names, ty, .. })| {
        let (name, at, put) = (&names.ident, Literal::usize_unsuffixed(at), of(ty, "Value", "write_to"));
        quote!(#put(&self.#name, &mut __to[#at]);)
    });
    let read = item.fields.iter().enumerate().map(|(at, RecordField { names, ty, .. })| {
        let (name, at, read) = (&names.ident, Literal::usize_unsuffixed(at), of(ty, "Value", "read"));
        quote!(#name: #read(&__from[#at], __row))
    });
    let param = param(ident);
    quote! {
        static __DEF: __hiku::RecordDef = __hiku::RecordDef { name: #name, description: #docs, fields: &[#(#fields),*] };
        #[automatically_derived]
        impl __hiku::Value for #ident {
            const TYPE: &'static __hiku::TypeDef = &__hiku::TypeDef::Record(|| &__DEF);
            fn write_to(&self, __column: &mut __hiku::Column) { __hiku::write_record(__column, |__to| { #(#write)* }) }
            fn read(__column: &__hiku::Column, __row: ::core::primitive::usize) -> Self {
                let __from = __hiku::read_record(__column);
                Self { #(#read),* }
            }
        }
        #param
        #(#checks)*
    }
}

fn input_def(item: &Input) -> TokenStream {
    let (name, docs, one_of) = (item.head.name.value(), option(item.head.docs.as_ref()), item.one_of);
    let fields = item.fields.iter().map(|InputField { names, ty, default: given, checks: rules }| {
        let public = names.public.value();
        let mut value = of(ty, "Value", "TYPE");
        if one_of {
            value = quote!(&__hiku::TypeDef::Nullable(#value));
        }
        let mut more = TokenStream::new();
        if let Some(given) = given {
            let given = default(ty, given);
            more.extend(quote!(default: ::core::option::Option::Some(#given),));
        }
        if !rules.is_empty() {
            let rules = checks(ty, rules);
            more.extend(quote!(checks: #rules,));
        }
        let base = quote_spanned!(ty.span()=> __hiku::input_field(#public, #value));
        described("InputFieldDef", names, &more, &base)
    });
    let fits = item.fields.iter().flat_map(|field| checks_fit(&field.names.rust, &field.ty, &field.checks));
    quote! {
        static __DEF: __hiku::InputDef = __hiku::InputDef {
            name: #name,
            description: #docs,
            one_of: #one_of,
            fields: &[#(#fields),*],
        };
        #(#fits)*
    }
}

fn input_value(item: &Input, from: &TokenStream, to: &TokenStream) -> TokenStream {
    let (ident, def) = (&item.head.ident, input_def(item));
    quote! {
        #def
        #[automatically_derived]
        impl __hiku::Value for #ident {
            const TYPE: &'static __hiku::TypeDef = &__hiku::TypeDef::Input(|| &__DEF);
            fn from_json(__value: &__hiku::Json) -> __hiku::Result<Self> { #from }
            fn to_json(&self) -> __hiku::Json { #to }
        }
    }
}

fn expand_input(item: &Input) -> TokenStream {
    let read = item.fields.iter().map(|InputField { names, ty, .. }| {
        let (name, public) = (&names.ident, names.public.value());
        let read = of(ty, "Value", "from_given");
        quote!(#name: #read(__from.get(#public))?)
    });
    let write = item.fields.iter().map(|InputField { names, ty, .. }| {
        let (name, public) = (&names.ident, names.public.value());
        let write = of(ty, "Value", "to_given");
        quote!((#public, #write(&self.#name)))
    });
    input_value(
        item,
        &quote! {
            let __from = __hiku::object(__DEF.name, __value)?;
            ::core::result::Result::Ok(Self { #(#read),* })
        },
        &quote!(__hiku::to_object([#(#write),*])),
    )
}

fn expand_one_of(item: &Input) -> TokenStream {
    let read = item.fields.iter().map(|InputField { names, ty, .. }| {
        let (name, public) = (&names.ident, names.public.value());
        let read = of(ty, "Value", "from_json");
        quote!(#public => ::core::result::Result::Ok(Self::#name(#read(__value)?)),)
    });
    let write = item.fields.iter().map(|InputField { names, ty, .. }| {
        let (name, public) = (&names.ident, names.public.value());
        let write = of(ty, "Value", "to_given");
        quote!(Self::#name(__value) => (#public, #write(__value)),)
    });
    input_value(
        item,
        &quote! {
            let (__field, __value) = __hiku::only(__DEF.name, __value)?;
            match __field {
                #(#read)*
                _ => __hiku::no_such(__DEF.name, __field),
            }
        },
        &quote!(__hiku::to_object([match self { #(#write)* }])),
    )
}
