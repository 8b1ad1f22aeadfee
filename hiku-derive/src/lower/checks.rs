//! The keys that say what must hold of a value that a request gives: of arguments and of fields of inputs.

use proc_macro2::Span;
use quote::ToTokens;
use syn::spanned::Spanned;

use crate::ast::{Check, Rule};
use crate::attr::{Attr, Bounds, Form, Key};
use crate::ctxt::Ctxt;

pub(super) const LENGTH: Key = Key("length", Form::Bounds, "length(min = 1, max = 10)");
pub(super) const RANGE: Key = Key("range", Form::Bounds, "range(min = 0, max = 9.5)");
pub(super) const PATTERN: Key = Key("pattern", Form::Text, "pattern = \"^[a-z]+$\"");
pub(super) const CHECK: Key = Key("check", Form::Path, "check = path::to::function");

/// The checks of an attribute.
pub(super) fn checks(cx: &Ctxt, attr: &Attr) -> Vec<Check> {
    let mut checks = Vec::new();
    let mut add = |span: Span, rule| checks.push(Check { span, rule });
    if let Some((word, bounds)) = attr.bounds("length") {
        let fits = |bound: Option<f64>| bound.is_none_or(|bound| bound >= 0.0 && bound.fract() == 0.0);
        if !fits(bounds.min) || !fits(bounds.max) {
            cx.error(word, "a length is a whole number: write `length(min = 1, max = 10)`");
        }
        in_order(cx, word, bounds);
        add(word.span(), Rule::Length(bounds));
    }
    if let Some((word, bounds)) = attr.bounds("range") {
        in_order(cx, word, bounds);
        add(word.span(), Rule::Range(bounds));
    }
    if let (Some(word), Some(pattern)) = (attr.word("pattern"), attr.text("pattern")) {
        add(word.span(), Rule::Pattern(pattern.clone()));
    }
    if let Some(path) = attr.path("check") {
        add(path.span(), Rule::Custom(path.clone()));
    }
    checks
}

fn in_order(cx: &Ctxt, word: impl ToTokens, bounds: Bounds) {
    if let (Some(min), Some(max)) = (bounds.min, bounds.max)
        && min > max
    {
        cx.error(word, "no value is at least `min` and at most `max`: exchange the two");
    }
}
