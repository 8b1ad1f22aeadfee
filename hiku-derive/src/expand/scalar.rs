//! `#[derive(Scalar)]`.
//!
//! ```text
//! impl __hiku::Newtype for Email {
//!     type Inner = String;
//!     const SCALAR: &'static __hiku::ScalarDef = &__hiku::scalar::<Self>("Email", None, None);
//!     fn wrap(__inner: String) -> Self { Self(__inner) }
//!     fn inner(&self) -> &String { &self.0 }
//! }
//! impl __hiku::Value for Email { const TYPE: .. = &__hiku::TypeDef::Scalar(<Self as __hiku::Newtype>::SCALAR); .. }
//! impl<'__a> __hiku::Param<'__a> for Email { .. }
//! ```

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Data, DeriveInput, Fields, Ident, Type};

use super::{block, option, param};
use crate::ctxt::Ctxt;
use crate::lower::{Scalar, lower_scalar};

/// The implementation, or what is wrong.
pub(crate) fn derive_scalar(item: TokenStream) -> TokenStream {
    let cx = Ctxt::new();
    let input: DeriveInput = match syn::parse2(item) {
        Ok(input) => input,
        Err(error) => return error.to_compile_error(),
    };
    let scalar = lower_scalar(&cx, &input);
    let inner = match &input.data {
        Data::Struct(data) => match &data.fields {
            Fields::Unnamed(fields) if fields.unnamed.len() == 1 => fields.unnamed.first(),
            _ => None,
        },
        _ => None,
    };
    if inner.is_none() {
        let name = &input.ident;
        cx.error(name, format!("a scalar is a newtype: write `struct {name}(String);`, with one value in it"));
    } else if !input.generics.params.is_empty() {
        cx.error(
            &input.generics.params,
            "a scalar takes no generics: its definition is static, write one type per scalar",
        );
    }
    let errors = cx.check();
    let Some(inner) = inner.filter(|_| input.generics.params.is_empty()) else { return errors };
    let (ident, ty) = (&input.ident, &inner.ty);
    let body = block(&scalar.krate, &implementations(ident, ty, &scalar));
    quote!(#errors #body)
}

fn implementations(ident: &Ident, ty: &Type, scalar: &Scalar) -> TokenStream {
    let (name, docs, specified) =
        (scalar.name.value(), option(scalar.docs.as_ref()), option(scalar.specified_by.as_ref()));
    let mut def = quote!(__hiku::scalar::<Self>(#name, #docs, #specified));
    if scalar.parse.is_some() || scalar.serialize.is_some() {
        let parse = scalar.parse.is_some().then(|| quote!(parse: ::core::option::Option::Some(__hiku::judge::<Self>),));
        let serialize = scalar
            .serialize
            .is_some()
            .then(|| quote!(serialize: ::core::option::Option::Some(__hiku::serialize::<Self>),));
        def = quote!(__hiku::ScalarDef { #parse #serialize ..#def });
    }
    let parse = scalar.parse.as_ref().map(|path| {
        let call = quote_spanned!(path.span()=>
            let __parse: fn(&__hiku::Json) -> ::core::result::Result<Self, _> = #path;
            __hiku::parsed(__parse, __value)
        );
        quote!(fn parse(__value: &__hiku::Json) -> __hiku::Result<Self> { #call })
    });
    let serialize = scalar.serialize.as_ref().map(|path| {
        let call = quote_spanned!(path.span()=>
            let __serialize: fn(&Self) -> __hiku::Json = #path;
            __serialize(self)
        );
        quote!(fn serialize(&self) -> __hiku::Json { #call })
    });
    let param = param(ident);
    quote! {
        #[automatically_derived]
        impl __hiku::Newtype for #ident {
            type Inner = #ty;
            const SCALAR: &'static __hiku::ScalarDef = &#def;
            fn wrap(__inner: #ty) -> Self { Self(__inner) }
            fn inner(&self) -> &#ty { &self.0 }
            #parse
            #serialize
        }
        #[automatically_derived]
        impl __hiku::Value for #ident {
            const TYPE: &'static __hiku::TypeDef = &__hiku::TypeDef::Scalar(<Self as __hiku::Newtype>::SCALAR);
            fn write_to(&self, __column: &mut __hiku::Column) { __hiku::write_newtype(self, __column) }
            fn read(__column: &__hiku::Column, __row: ::core::primitive::usize) -> Self { __hiku::read_newtype(__column, __row) }
            fn from_json(__value: &__hiku::Json) -> __hiku::Result<Self> { <Self as __hiku::Newtype>::parse(__value) }
            fn to_json(&self) -> __hiku::Json { <Self as __hiku::Newtype>::serialize(self) }
        }
        #param
    }
}
