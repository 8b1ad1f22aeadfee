//! `#[derive(Scalar)]`.
//!
//! ```text
//! impl __hiku::Newtype for Email {
//!     type Inner = String;
//!     const SCALAR: &'static __hiku::ScalarDef = &__hiku::scalar::<Self>("Email", None, None);
//!     fn wrap(__inner: String) -> Self { Self(__inner) }
//!     fn inner(&self) -> &String { &self.0 }
//! }
//! ```

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Data, DeriveInput, Fields};

use super::{block, option};
use crate::ctxt::Ctxt;
use crate::lower::lower_scalar;

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
    let (name, docs, specified) = (scalar.name.value(), option(scalar.docs), option(scalar.specified_by));
    let body = quote! {
        #[automatically_derived]
        impl __hiku::Newtype for #ident {
            type Inner = #ty;
            const SCALAR: &'static __hiku::ScalarDef = &__hiku::scalar::<Self>(#name, #docs, #specified);
            fn wrap(__inner: #ty) -> Self { Self(__inner) }
            fn inner(&self) -> &#ty { &self.0 }
        }
    };
    let body = block(&scalar.krate, &body);
    quote!(#errors #body)
}
