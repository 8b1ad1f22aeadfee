//! `#[scalar(..)]` on newtypes.

use syn::ext::IdentExt;
use syn::{DeriveInput, LitStr, Path};

use super::{krate, public_name};
use crate::attr::{self, Attr, Form, Key};
use crate::ctxt::Ctxt;

const SCALAR: &[Key] = &[
    Key("name", Form::Text, "name = \"Email\""),
    Key("specified_by", Form::Text, "specified_by = \"https://..\""),
    Key("parse", Form::Path, "parse = Email::parse"),
    Key("serialize", Form::Path, "serialize = Email::serialize"),
    Key("crate", Form::Path, "crate = path::to::hiku"),
];

/// What the annotation says of a scalar.
pub(crate) struct Scalar {
    pub(crate) krate: Path,
    pub(crate) name: LitStr,
    pub(crate) docs: Option<String>,
    pub(crate) specified_by: Option<LitStr>,
    /// From what a request gives.
    pub(crate) parse: Option<Path>,
    /// To what a response has.
    pub(crate) serialize: Option<Path>,
}

/// Reads the attributes of a newtype.
pub(crate) fn lower_scalar(cx: &Ctxt, input: &DeriveInput) -> Scalar {
    let mut attrs = input.attrs.clone();
    let attr = match attr::take(cx, &mut attrs, "scalar") {
        Some(attribute) => Attr::of(cx, "scalar", SCALAR, &attribute),
        None => Attr::parse(cx, "scalar", SCALAR, proc_macro2::TokenStream::new()),
    };
    Scalar {
        krate: krate(&attr),
        name: public_name(cx, attr.text("name"), input.ident.unraw().to_string(), input.ident.span()),
        docs: attr::docs(&input.attrs),
        specified_by: attr.text("specified_by").cloned(),
        parse: attr.path("parse").cloned(),
        serialize: attr.path("serialize").cloned(),
    }
}
