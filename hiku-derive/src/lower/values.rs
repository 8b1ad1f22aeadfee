//! `#[derive(Enum)]`, `#[derive(Record)]` and `#[derive(Input)]`.

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::{Attribute, Data, DeriveInput, Fields, Ident, Type, Variant};

use super::checks::{CHECK, LENGTH, PATTERN, RANGE, checks};
use super::{LINK_TYPES, Rename, is_named, krate, names, names_made, only_argument, optional, public_name, snake};
use crate::ast::{Enum, Head, Input, InputField, Item, Record, RecordField};
use crate::attr::{self, Attr, Form, Key};
use crate::ctxt::Ctxt;

const ENUM: &[Key] = &[
    Key("name", Form::Text, "name = \"Genre\""),
    Key("rename_all", Form::Text, "rename_all = \"snake_case\""),
    Key("stored", Form::Text, "stored = \"integer\""),
    Key("crate", Form::Path, "crate = path::to::hiku"),
];

const ITEM: &[Key] = &[
    Key("name", Form::Text, "name = \"SCI_FI\""),
    Key("stored", Form::Text, "stored = \"sci-fi\""),
    Key("deprecated", Form::FlagOrText, "deprecated = \"why\""),
];

const TYPE: &[Key] = &[
    Key("name", Form::Text, "name = \"Address\""),
    Key("rename_all", Form::Text, "rename_all = \"snake_case\""),
    Key("crate", Form::Path, "crate = path::to::hiku"),
];

const FIELD: &[Key] = &[
    Key("name", Form::Text, "name = \"title\""),
    Key("type", Form::Word, "type = ID"),
    Key("deprecated", Form::FlagOrText, "deprecated = \"why\""),
];

const INPUT_FIELD: &[Key] = &[
    Key("default", Form::Expr, "default = 10"),
    Key("name", Form::Text, "name = \"title\""),
    Key("deprecated", Form::FlagOrText, "deprecated = \"why\""),
    LENGTH,
    RANGE,
    PATTERN,
    CHECK,
];

/// Reads the one attribute of a derive on a type or a member; without one, as if it were empty.
pub(super) fn read(cx: &Ctxt, name: &str, keys: &[Key], attrs: &[Attribute]) -> Attr {
    let mut attrs = attrs.to_vec();
    match attr::take(cx, &mut attrs, name) {
        Some(attribute) => Attr::of(cx, name, keys, &attribute),
        None => Attr::parse(cx, name, keys, TokenStream::new()),
    }
}

/// What every type has; generics are refused.
pub(super) fn head(cx: &Ctxt, what: &str, input: &DeriveInput, attr: &Attr) -> Head {
    if !input.generics.params.is_empty() {
        cx.error(
            &input.generics.params,
            format!("{what} takes no generics: its definition is static, write one type per {}", bare(what)),
        );
    } else if let Some(clause) = &input.generics.where_clause {
        cx.error(clause, format!("{what} takes no generics: remove the `where` clause"));
    }
    Head {
        ident: input.ident.clone(),
        krate: krate(attr),
        name: public_name(cx, attr.text("name"), input.ident.unraw().to_string(), input.ident.span()),
        docs: attr::docs(&input.attrs),
    }
}

/// Without its article.
fn bare(what: &str) -> &str {
    what.split_once(' ').map_or(what, |(_, bare)| bare)
}

/// Where a type of the wrong kind is best pointed at: its keyword.
pub(super) fn keyword(input: &DeriveInput) -> TokenStream {
    match &input.data {
        Data::Struct(data) => data.struct_token.to_token_stream(),
        Data::Enum(data) => data.enum_token.to_token_stream(),
        Data::Union(data) => data.union_token.to_token_stream(),
    }
}

/// Reads an enum.
pub(crate) fn lower_enum(cx: &Ctxt, input: &DeriveInput) -> Enum {
    let attr = read(cx, "enum_type", ENUM, &input.attrs);
    let head = head(cx, "an enum", input, &attr);
    let rename = Rename::read_items(cx, &attr);
    let integers = match attr.text("stored") {
        Some(text) if text.value() == "integer" => true,
        Some(text) if text.value() != "text" => {
            cx.error(text, "an enum is stored as `\"text\"` or as `\"integer\"`");
            false
        }
        _ => false,
    };
    let ident = &input.ident;
    let Data::Enum(data) = &input.data else {
        let what = format!("write `enum {ident} {{ First, Second }}`");
        cx.error(keyword(input), format!("`#[derive(Enum)]` takes an `enum`: {what}, or `#[derive(Record)]`"));
        return Enum { head, integers, discriminants: false, items: Vec::new() };
    };
    if data.variants.is_empty() {
        cx.error(ident, "an enum has at least one value: write a variant");
    }
    let items = data.variants.iter().filter_map(|variant| lower_item(cx, rename, integers, variant));
    let items = items.collect();
    let number = data.variants.iter().find_map(|variant| variant.discriminant.as_ref());
    let discriminants = number.is_some();
    if let (true, None, Some(text), Some(first)) = (integers, number, attr.text("stored"), data.variants.first()) {
        cx.error(text, format!("nothing says which integers are stored: write `{} = 1`", first.ident));
    }
    if let (None, Some((_, number))) = (attr.word("stored"), number) {
        let what = "whether this number or the name is stored, nothing says";
        cx.error(number, format!("{what}: write `#[enum_type(stored = \"integer\")]` or `stored = \"text\"`"));
    }
    Enum { head, integers, discriminants, items }
}

fn lower_item(cx: &Ctxt, rename: Rename, integers: bool, variant: &Variant) -> Option<Item> {
    let attr = read(cx, "item", ITEM, &variant.attrs);
    let ident = &variant.ident;
    if !matches!(variant.fields, Fields::Unit) {
        let what = format!("write `{ident}` alone, or `#[derive(Input)]` or `#[derive(Union)]`");
        cx.error(&variant.fields, format!("a value of an enum is a name, without fields: {what}"));
        return None;
    }
    let names = names_made(cx, rename.apply_to_variant(&ident.unraw().to_string()), ident, &variant.attrs, &attr);
    if ["true", "false", "null"].contains(&names.public.value().as_str()) {
        cx.error(
            &names.public,
            format!("`{}` cannot be a value of an enum in GraphQL: write `name = \"..\"`", names.public.value()),
        );
    }
    if let (true, Some(word)) = (integers, attr.word("stored")) {
        cx.error(word, format!("this enum is stored as integers: write `{ident} = 1` in place of `stored`"));
    }
    Some(Item { stored: attr.text("stored").unwrap_or(&names.public).clone(), names })
}

/// The named fields of a struct.
fn named<'a>(cx: &Ctxt, derive: &str, instead: &str, input: &'a DeriveInput) -> Vec<(&'a Ident, &'a syn::Field)> {
    let ident = &input.ident;
    let what = format!("`#[derive({derive})]` takes a struct with named fields: write `struct {ident} {{ .. }}`");
    let fields = match &input.data {
        Data::Struct(data) => &data.fields,
        _ => {
            cx.error(keyword(input), format!("{what}{instead}"));
            return Vec::new();
        }
    };
    match fields {
        Fields::Named(fields) => {
            if fields.named.is_empty() {
                cx.error(ident, format!("{} has at least one field: write one", article(derive)));
            }
            fields.named.iter().filter_map(|field| Some((field.ident.as_ref()?, field))).collect()
        }
        Fields::Unit => {
            cx.error(ident, what);
            Vec::new()
        }
        Fields::Unnamed(fields) => {
            cx.error(fields, what);
            Vec::new()
        }
    }
}

fn article(derive: &str) -> &str {
    if derive == "Input" { "an input" } else { "a record" }
}

/// Reads a record.
pub(crate) fn lower_record(cx: &Ctxt, input: &DeriveInput) -> Record {
    let attr = read(cx, "record", TYPE, &input.attrs);
    let head = head(cx, "a record", input, &attr);
    let rename = Rename::read(cx, &attr);
    let fields = named(cx, "Record", ", or `#[derive(Enum)]`", input);
    let fields = fields.into_iter().map(|(ident, field)| {
        let attr = read(cx, "field", FIELD, &field.attrs);
        if is_named(&field.ty, LINK_TYPES) {
            cx.error(
                &field.ty,
                "a record has no key, so it has no links: write the key of the node, or make it a node",
            );
        }
        RecordField {
            names: names(cx, rename, ident, &field.attrs, &attr),
            ty: field.ty.clone(),
            scalar: attr.words("type").into_iter().next(),
        }
    });
    Record { head, fields: fields.collect(), endless: is_endless(input) }
}

/// Reads an input.
pub(crate) fn lower_input(cx: &Ctxt, input: &DeriveInput) -> Input {
    let attr = read(cx, "input", TYPE, &input.attrs);
    let head = head(cx, "an input", input, &attr);
    let rename = Rename::read(cx, &attr);
    if let Data::Enum(data) = &input.data {
        if data.variants.is_empty() {
            cx.error(&input.ident, "an input has at least one field: write a variant");
        }
        let fields = data.variants.iter().filter_map(|variant| lower_alternative(cx, rename, variant));
        return Input { head, one_of: true, fields: fields.collect(), endless: is_endless(input) };
    }
    let fields = named(cx, "Input", ", or an `enum` of which one variant is given", input);
    let fields = fields.into_iter().map(|(ident, field)| {
        let attr = read(cx, "input", INPUT_FIELD, &field.attrs);
        default_leaves_nothing_absent(cx, &attr, &field.ty);
        if only_argument(&field.ty).is_some_and(|inner| is_named(&field.ty, &["Box"]) && is_itself(input, inner)) {
            let name = &input.ident;
            let what = format!("each `{name}` would hold another one, without end");
            cx.error(&field.ty, format!("{what}: write `Option<Box<{name}>>` or `Vec<{name}>`"));
        }
        InputField {
            names: names(cx, rename, ident, &field.attrs, &attr),
            ty: field.ty.clone(),
            default: attr.expr("default").cloned(),
            checks: checks(cx, &attr),
        }
    });
    Input { head, one_of: false, fields: fields.collect(), endless: is_endless(input) }
}

/// What has a default is never absent.
pub(super) fn default_leaves_nothing_absent(cx: &Ctxt, attr: &Attr, ty: &Type) {
    if let (Some(word), Some(inner)) =
        (attr.word("default"), only_argument(ty).filter(|_| is_named(ty, &["MaybeAbsent"])))
    {
        let inner = inner.to_token_stream();
        cx.error(word, format!("what has a default is never absent: write `Option<{inner}>`, or remove `default`"));
    }
}

/// Whether the type is written as the item itself.
fn is_itself(input: &DeriveInput, ty: &Type) -> bool {
    is_named(ty, &["Self"]) || input.ident == ty.to_token_stream().to_string()
}

/// Whether a struct holds itself without a `Box` or `Vec` between: rustc reports it, and the more code names the type, the
/// more often.
fn is_endless(input: &DeriveInput) -> bool {
    fn holds(input: &DeriveInput, ty: &Type) -> bool {
        is_itself(input, ty) || optional(ty).is_some_and(|ty| holds(input, ty))
    }
    match &input.data {
        Data::Struct(data) => data.fields.iter().any(|field| holds(input, &field.ty)),
        Data::Enum(data) => {
            data.variants.iter().flat_map(|variant| &variant.fields).any(|field| holds(input, &field.ty))
        }
        Data::Union(_) => false,
    }
}

/// The type of a variant with one value.
pub(super) fn only_field<'a>(cx: &Ctxt, what: &str, example: &str, variant: &'a Variant) -> Option<&'a Type> {
    match &variant.fields {
        Fields::Unnamed(fields) if fields.unnamed.len() == 1 => Some(&fields.unnamed[0].ty),
        other => {
            let ident = &variant.ident;
            let at = if let Fields::Unit = other { ident.to_token_stream() } else { other.to_token_stream() };
            let first = variant.fields.iter().next().map(|field| field.ty.to_token_stream().to_string());
            let example = first.as_deref().unwrap_or(example);
            cx.error(at, format!("a variant of {what} holds one value: write `{ident}({example})`"));
            None
        }
    }
}

fn lower_alternative(cx: &Ctxt, rename: Rename, variant: &Variant) -> Option<InputField> {
    let attr = read(cx, "input", INPUT_FIELD, &variant.attrs);
    let ty = only_field(cx, "an input", "bool", variant)?;
    let absent = only_argument(ty).filter(|_| is_named(ty, &["MaybeAbsent"]));
    if let Some(inner) = optional(ty).or(absent) {
        let inner = inner.to_token_stream();
        cx.error(ty, format!("the one variant that is given is never null: write `{}({inner})`", variant.ident));
    }
    if let Some(word) = attr.word("default") {
        cx.error(word, "the one variant that is given has no default: remove `default`");
    }
    if let Some((_, discriminant)) = &variant.discriminant {
        cx.error(discriminant, "an input has no discriminants: remove it");
    }
    let made = rename.apply(&snake(&variant.ident.unraw().to_string()));
    Some(InputField {
        names: names_made(cx, made, &variant.ident, &variant.attrs, &attr),
        ty: ty.clone(),
        default: None,
        checks: checks(cx, &attr),
    })
}
