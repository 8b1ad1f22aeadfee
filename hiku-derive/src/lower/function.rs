//! Annotated impl blocks and their functions.

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::{FnArg, Ident, ImplItem, ItemImpl, Pat, PatType, ReturnType, Signature, Type};

use super::checks::{CHECK, LENGTH, PATTERN, RANGE, checks};
use super::values::default_leaves_nothing_absent;
use super::{Rename, is_named, krate, last_segment, names, only_argument, public_name, refuse_generics};
use crate::ast::{Arg, Function, Impl, Macro, Param, Role, Transaction};
use crate::attr::{self, Attr, Form, Key};
use crate::ctxt::Ctxt;

const IMPL: &[Key] = &[
    Key("part", Form::Word, "part = billing"),
    Key("rename_all", Form::Text, "rename_all = \"snake_case\""),
    Key("crate", Form::Path, "crate = path::to::hiku"),
];

const MEMBER: &[Key] = &[
    Key("name", Form::Text, "name = \"fans\""),
    Key("hidden", Form::Flag, "hidden"),
    Key("deprecated", Form::FlagOrText, "deprecated = \"why\""),
    BLOCKING,
    Key("transaction", Form::FlagOrType, "transaction = Reports"),
];

const LOAD: &[Key] = &[BLOCKING];

const BLOCKING: Key = Key("blocking", Form::Flag, "blocking");

const ARG: &[Key] = &[
    Key("default", Form::Expr, "default = 10"),
    Key("name", Form::Text, "name = \"first\""),
    Key("deprecated", Form::FlagOrText, "deprecated = \"why\""),
    LENGTH,
    RANGE,
    PATTERN,
    CHECK,
];

/// Reads an impl block.
pub(crate) fn lower_impl(cx: &Ctxt, of: Macro, args: TokenStream, mut item: ItemImpl) -> Result<Impl, Box<ItemImpl>> {
    let name = of.name();
    let attr = Attr::parse(cx, name, IMPL, args);
    refuse_generics(cx, of, &item.generics);
    if let Some((path, _)) = &item.trait_ {
        cx.error(path, format!("`#[{name}]` takes an inherent impl: write `impl Type {{ .. }}`"));
    }
    let rename = Rename::read(cx, &attr);
    let type_name = last_segment(&item.self_ty).map(|segment| segment.ident.clone());
    if type_name.is_none() {
        cx.error(&item.self_ty, format!("`#[{name}]` takes an impl of a struct: write `impl Type {{ .. }}`"));
    }
    let mut functions = Vec::new();
    for item in &mut item.items {
        match item {
            ImplItem::Fn(function) => functions.extend(lower_function(cx, of, rename, function)),
            ImplItem::Const(other) => refuse_item(cx, &mut other.attrs),
            ImplItem::Type(other) => refuse_item(cx, &mut other.attrs),
            ImplItem::Macro(other) => refuse_item(cx, &mut other.attrs),
            _ => {}
        }
    }
    match type_name {
        Some(type_name) => Ok(Impl {
            of,
            krate: krate(&attr),
            type_name,
            part: attr.words("part").into_iter().next(),
            functions,
            item,
        }),
        None => Err(Box::new(item)),
    }
}

const ROLES: [Role; 3] = [Role::Field, Role::Link, Role::Load];

fn refuse_item(cx: &Ctxt, attrs: &mut Vec<syn::Attribute>) {
    for role in ROLES {
        if let Some(attr) = attr::take(cx, attrs, role.name()) {
            cx.error(attr, format!("`#[{}]` takes a function: write `fn` or `async fn`", role.name()));
        }
    }
}

fn lower_function(cx: &Ctxt, of: Macro, rename: Rename, function: &mut syn::ImplItemFn) -> Option<Function> {
    let mut found: Vec<_> =
        ROLES.into_iter().filter_map(|role| Some((role, attr::take(cx, &mut function.attrs, role.name())?))).collect();
    let inputs: Vec<_> = function.sig.inputs.iter_mut().map(|input| take_arg(cx, input)).collect();
    if found.is_empty() {
        for attribute in inputs.into_iter().filter_map(|(attribute, _)| attribute) {
            cx.error(
                attribute,
                "`#[arg]` is for the functions of a graph: write `#[field]` or `#[link]` above the function",
            );
        }
        return None;
    }
    let (role, attribute) = found.remove(0);
    function.sig.inputs.iter_mut().for_each(|input| refuse_attributes(cx, input));
    for (other, attribute) in found {
        cx.error(attribute, format!("a function has one role: remove `#[{}]` or `#[{}]`", role.name(), other.name()));
    }
    if role == Role::Load && of == Macro::Root {
        cx.error(&attribute, "a root has no key to load by: write `#[load]` in the impl of a node");
    }
    let keys = if role == Role::Load { LOAD } else { MEMBER };
    let attr = Attr::of(cx, role.name(), keys, &attribute);
    let sig = &function.sig;
    let names = names(cx, rename, &sig.ident, &function.attrs, &attr);
    refuse_signature(cx, role, sig);
    let is_async = sig.asyncness.is_some();
    let params = sig.inputs.iter().zip(inputs);
    let params = params.filter_map(|(input, (attribute, docs))| match input {
        FnArg::Receiver(receiver) => {
            let what = "a function of a graph has no `self`: there is no value of the type, only columns";
            cx.error(receiver, format!("{what}: name the fields that it needs, as in `id: &[i64]`"));
            None
        }
        FnArg::Typed(input) => match attribute {
            Some(attribute) => lower_arg(cx, rename, role, input, &attribute, docs).map(Param::Arg),
            None => lower_param(cx, of, is_async, input),
        },
    });
    let params: Vec<Param> = params.collect();
    let output = match &sig.output {
        ReturnType::Type(_, ty) => (**ty).clone(),
        ReturnType::Default => {
            let what = "this function answers nothing";
            cx.error(&sig.ident, format!("{what}: write what it answers, as in `-> {}`", example(role)));
            return None;
        }
    };
    if let Type::ImplTrait(_) = output {
        cx.error(
            &output,
            format!("a definition names its types: write the type in place of `impl`, as in `-> {}`", example(role)),
        );
        return None;
    }
    let transaction =
        attr.word("transaction").map(|word| Transaction { word: word.clone(), db: attr.ty("transaction").cloned() });
    let is_blocking = attr.flag("blocking");
    let function = Function { names, role, is_async, is_blocking, transaction, params, output };
    if let Some(word) = attr.word("blocking") {
        refuse_blocking(cx, word, &function);
    }
    Some(function)
}

/// What waits in another way, or could only wait once per row.
fn refuse_blocking(cx: &Ctxt, word: &Ident, function: &Function) {
    if function.is_async {
        cx.error(word, "an `async fn` awaits and does not block: remove `blocking`, or `async`");
    } else if let Some((name, ty)) = function.params.iter().find_map(|param| match param {
        Param::Row(name, ty) => Some((name, ty)),
        _ => None,
    }) {
        let batch = slice_of(ty);
        let what = "a function that may block is called once for a whole batch";
        cx.error(word, format!("{what}: write `{name}: &[{batch}]`, or remove `blocking`"));
    }
}

fn example(role: Role) -> &'static str {
    match role {
        Role::Field => "HashMap<i64, String>",
        Role::Link => "HashMap<i64, Many<Node>>",
        Role::Load => "HashMap<i64, Self>",
    }
}

fn refuse_signature(cx: &Ctxt, role: Role, sig: &Signature) {
    let name = role.name();
    if !sig.generics.params.is_empty() {
        cx.error(
            &sig.generics.params,
            format!("`#[{name}]` takes no generics: the engine calls the function, so write the types"),
        );
    } else if let Some(clause) = &sig.generics.where_clause {
        cx.error(clause, format!("`#[{name}]` takes no generics: remove the `where` clause"));
    }
    if let syn::Safety::Unsafe(token) = &sig.safety {
        cx.error(token, format!("`#[{name}]` takes a safe function: remove `unsafe`"));
    }
}

/// Takes `#[arg]` and the doc comment off a parameter; rustc would refuse both.
fn take_arg(cx: &Ctxt, input: &mut FnArg) -> (Option<syn::Attribute>, Option<String>) {
    let attrs = match input {
        FnArg::Receiver(receiver) => &mut receiver.attrs,
        FnArg::Typed(input) => &mut input.attrs,
    };
    let docs = attr::docs(attrs);
    let attribute = attr::take(cx, attrs, "arg");
    if attribute.is_some() {
        attrs.retain(|attr| !attr.path().is_ident("doc"));
    }
    (attribute, docs)
}

/// Takes off what is neither ours nor a lint level; rustc would report it again.
fn refuse_attributes(cx: &Ctxt, input: &mut FnArg) {
    let FnArg::Typed(input) = input else { return };
    input.attrs.retain(|attribute| {
        let lint = ["allow", "expect", "warn", "deny", "forbid"].iter().any(|level| attribute.path().is_ident(level));
        if !lint {
            let what = attribute.path().to_token_stream();
            let message = format!("`#[{what}]` on a parameter is not supported: write `#[arg]` if it is an argument");
            cx.error(attribute, message);
        }
        lint
    });
}

fn lower_arg(
    cx: &Ctxt,
    rename: Rename,
    role: Role,
    input: &PatType,
    attribute: &syn::Attribute,
    docs: Option<String>,
) -> Option<Arg> {
    let attr = Attr::of(cx, "arg", ARG, attribute);
    if role == Role::Load {
        cx.error(attribute, "`#[load]` takes no arguments: a query does not call it");
    }
    let ident = name_of(cx, input)?;
    if let Type::Reference(_) = &*input.ty {
        let owned = owned(&input.ty);
        cx.error(&input.ty, format!("an argument is given as a value: write `{owned}`"));
        return None;
    }
    let deprecated = attr
        .word("deprecated")
        .map(|_| attr.text("deprecated").map_or_else(|| attr::NO_REASON.to_owned(), |reason| reason.value()));
    default_leaves_nothing_absent(cx, &attr, &input.ty);
    let made = rename.apply(&ident.unraw().to_string());
    Some(Arg {
        name: public_name(cx, attr.text("name"), made, ident.span()),
        docs,
        deprecated,
        ty: (*input.ty).clone(),
        default: attr.expr("default").cloned(),
        checks: checks(cx, &attr),
    })
}

/// The owned type for a reference: `String` for `&str`.
fn owned(ty: &Type) -> String {
    match ty {
        Type::Reference(reference) => match &*reference.elem {
            Type::Slice(slice) => format!("Vec<{}>", printed(&slice.elem)),
            other if is_named(other, &["str"]) => "String".to_owned(),
            other => printed(other),
        },
        other => printed(other),
    }
}

/// A type as a user would write it.
fn printed(ty: &Type) -> String {
    let text = ty.to_token_stream().to_string();
    [(" :: ", "::"), (" < ", "<"), (" >", ">"), ("& ", "&"), (" ,", ",")]
        .iter()
        .fold(text, |text, (from, to)| text.replace(from, to))
}

/// The name of a parameter that is a field or an argument.
fn name_of(cx: &Ctxt, input: &PatType) -> Option<Ident> {
    match &*input.pat {
        Pat::Ident(pat) if pat.subpat.is_none() && pat.by_ref.is_none() => Some(pat.ident.clone()),
        other => {
            cx.error(other, "a parameter that is a field or an argument needs a plain name, which says which one");
            None
        }
    }
}

fn lower_param(cx: &Ctxt, of: Macro, is_async: bool, input: &PatType) -> Option<Param> {
    let ty = &*input.ty;
    if is_named(ty, &["Data"]) {
        let Some(inner) = only_argument(ty) else {
            cx.error(ty, "`Data` needs the type that it takes from the context: write `Data<T>`");
            return None;
        };
        return Some(Param::Data(inner.clone()));
    }
    if is_named(ty, &["Context"]) {
        cx.error(ty, "the context is lent: write `&Context`");
        return None;
    }
    let Type::Reference(reference) = ty else {
        return row(cx, of, is_async, input, ty);
    };
    if let Some(token) = &reference.mutability {
        cx.error(token, "columns are shared and never change: remove `mut`");
        return None;
    }
    let elem = &*reference.elem;
    if is_named(elem, &["Context"]) {
        return Some(Param::Context);
    }
    if is_named(elem, &["Data"]) {
        cx.error(ty, format!("`Data` is given by value: write `{}`", printed(elem)));
        return None;
    }
    if is_named(elem, &["String"]) {
        let what = if is_async {
            "a field of text comes as a batch: write `&[&str]`"
        } else {
            "text is lent as `&str`: write `&str`, or `&[&str]` for a batch"
        };
        cx.error(ty, what);
        return None;
    }
    if is_named(elem, &["Vec"]) {
        let inner = only_argument(elem).map_or_else(|| "T".to_owned(), slice_of);
        cx.error(ty, format!("a batch is a slice: write `&[{inner}]`"));
        return None;
    }
    match elem {
        Type::Slice(slice) => batch(cx, of, input, &slice.elem),
        elem if is_named(elem, &["str"]) => row(cx, of, is_async, input, ty),
        other => {
            let inner = printed(other);
            cx.error(ty, format!("{}: write `&[{inner}]` for a batch of a field, `Data(x): Data<{inner}>` for data of the context, or `#[arg]` for an argument", "this is neither field, data, context nor argument"));
            None
        }
    }
}

/// What the slice of a field of this type is made of.
fn slice_of(ty: &Type) -> String {
    match super::optional(ty) {
        Some(inner) => format!("Option<{}>", slice_of(inner)),
        None if is_named(ty, &["String"]) => "&str".to_owned(),
        None => printed(ty),
    }
}

/// `String`, or an `Option` of it.
fn owns_text(ty: &Type) -> bool {
    super::optional(ty).map_or_else(|| is_named(ty, &["String"]), owns_text)
}

fn batch(cx: &Ctxt, of: Macro, input: &PatType, elem: &Type) -> Option<Param> {
    if owns_text(elem) {
        cx.error(&input.ty, format!("text is lent from the column: write `&[{}]`", slice_of(elem)));
        return None;
    }
    let ident = name_of(cx, input)?;
    if of == Macro::Root {
        return refuse_root(cx, input);
    }
    Some(Param::Batch(ident, elem.clone()))
}

fn refuse_root(cx: &Ctxt, input: &PatType) -> Option<Param> {
    cx.error(input, "a root has no fields: write `#[arg]` for an argument, `Data(x): Data<T>` or `&Context` for data");
    None
}

/// A bare scalar: one row.
fn row(cx: &Ctxt, of: Macro, is_async: bool, input: &PatType, ty: &Type) -> Option<Param> {
    let ident = name_of(cx, input)?;
    if of == Macro::Root {
        return refuse_root(cx, input);
    }
    if is_async {
        let batch = slice_of(ty);
        let what = "an `async fn` is called once for a whole batch";
        cx.error(
            ty,
            format!("{what}: write `{ident}: &[{batch}]`, or `#[arg] {ident}: {}` for an argument", owned(ty)),
        );
        return None;
    }
    if owns_text(ty) {
        cx.error(ty, format!("text is lent from the column: write `{}`", slice_of(ty)));
        return None;
    }
    Some(Param::Row(ident, ty.clone()))
}
