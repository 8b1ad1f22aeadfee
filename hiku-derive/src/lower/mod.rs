//! syn → IR. Reads every attribute, removes them from the user's item, and reports what is malformed by itself;
//! what concerns several members at once is judged by `check`.

mod cases;
mod checks;
mod function;
mod item;
mod link;
mod scalar;
mod values;

pub(crate) use cases::lower_cases;
pub(crate) use function::lower_impl;
pub(crate) use item::lower_struct;
pub(crate) use scalar::{Scalar, lower_scalar};
pub(crate) use values::{lower_enum, lower_input, lower_record};

use proc_macro2::Span;
use syn::ext::IdentExt;
use syn::{Attribute, GenericArgument, Generics, Ident, LitStr, Path, PathArguments, Type};

use crate::ast::{Macro, Names, Order};
use crate::attr::{self, Attr};
use crate::ctxt::Ctxt;

/// How public names are made of Rust names.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Rename {
    Camel,
    Snake,
    Pascal,
    Screaming,
}

impl Rename {
    fn read(cx: &Ctxt, attr: &Attr) -> Rename {
        let Some(text) = attr.text("rename_all") else { return Rename::Camel };
        match text.value().as_str() {
            "camelCase" => Rename::Camel,
            "snake_case" => Rename::Snake,
            _ => {
                cx.error(text, "`rename_all` is `\"camelCase\"` or `\"snake_case\"`");
                Rename::Camel
            }
        }
    }

    /// As [`read`](Self::read), of the values of an enum.
    fn read_items(cx: &Ctxt, attr: &Attr) -> Rename {
        let Some(text) = attr.text("rename_all") else { return Rename::Screaming };
        match text.value().as_str() {
            "SCREAMING_SNAKE_CASE" => Rename::Screaming,
            "PascalCase" => Rename::Pascal,
            "camelCase" => Rename::Camel,
            "snake_case" => Rename::Snake,
            _ => {
                let all = "`\"SCREAMING_SNAKE_CASE\"`, `\"PascalCase\"`, `\"camelCase\"` or `\"snake_case\"`";
                cx.error(text, format!("`rename_all` of an enum is {all}"));
                Rename::Screaming
            }
        }
    }

    /// The name of a variant, which is in Pascal case.
    fn apply_to_variant(self, rust: &str) -> String {
        let snake = snake(rust);
        match self {
            Rename::Camel => self.apply(&snake),
            Rename::Snake => snake,
            Rename::Pascal => rust.to_owned(),
            Rename::Screaming => snake.to_ascii_uppercase(),
        }
    }

    fn apply(self, rust: &str) -> String {
        if self != Rename::Camel {
            return rust.to_owned();
        }
        let body = rust.trim_start_matches('_');
        let mut public = rust[..rust.len() - body.len()].to_owned();
        for (at, word) in body.split('_').enumerate() {
            let mut letters = word.chars();
            match letters.next() {
                Some(first) if at > 0 => public.extend(first.to_uppercase()),
                Some(first) => public.push(first),
                None => {}
            }
            public.extend(letters);
        }
        public
    }
}

/// `sci_fi` of `SciFi`, `http_server` of `HTTPServer`.
fn snake(rust: &str) -> String {
    let letters: Vec<char> = rust.chars().collect();
    let mut out = String::new();
    for (at, letter) in letters.iter().enumerate() {
        let before = at.checked_sub(1).map(|at| letters[at]);
        let begins = letter.is_uppercase()
            && before.is_some_and(|before| {
                before.is_lowercase()
                    || before.is_ascii_digit()
                    || before.is_uppercase() && letters.get(at + 1).is_some_and(|after| after.is_lowercase())
            });
        if begins {
            out.push('_');
        }
        out.extend(letter.to_lowercase());
    }
    out
}

/// Which crate generated code names.
fn krate(attr: &Attr) -> Path {
    attr.path("crate").cloned().unwrap_or_else(|| syn::parse_quote!(::hiku))
}

/// A name for the schema, as the specification allows it: GraphQL 2.1.9, and 4.1.1 for names that begin with `__`.
fn public_name(cx: &Ctxt, given: Option<&LitStr>, made: String, span: Span) -> LitStr {
    let name = given.cloned().unwrap_or_else(|| attr::literal(&made, span));
    let text = name.value();
    let fits = text.starts_with(|c: char| c == '_' || c.is_ascii_alphabetic())
        && text.chars().all(|c| c == '_' || c.is_ascii_alphanumeric());
    if !fits {
        let what = "names in GraphQL are ASCII letters, digits and `_`, and do not begin with a digit";
        cx.push(syn::Error::new(
            name.span(),
            format!("`{text}` cannot be a name in the schema: {what}: write `name = \"..\"`"),
        ));
    } else if text.starts_with("__") {
        let what = "names that begin with `__` belong to GraphQL itself";
        cx.push(syn::Error::new(
            name.span(),
            format!("`{text}` cannot be a name in the schema: {what}: write `name = \"..\"`"),
        ));
    }
    name
}

/// The names of a field, link or function.
fn names(cx: &Ctxt, rename: Rename, ident: &Ident, attrs: &[Attribute], attr: &Attr) -> Names {
    let made = rename.apply(&ident.unraw().to_string());
    names_made(cx, made, ident, attrs, attr)
}

/// As [`names`], with the name in the schema that was made of that in Rust.
fn names_made(cx: &Ctxt, made: String, ident: &Ident, attrs: &[Attribute], attr: &Attr) -> Names {
    let rust = ident.unraw().to_string();
    let deprecated = match (attr.word("deprecated"), attr.text("deprecated")) {
        (_, Some(reason)) => Some(reason.value()),
        (Some(_), None) => Some(attr::NO_REASON.to_owned()),
        (None, None) => attr::deprecated(attrs),
    };
    Names {
        public: public_name(cx, attr.text("name"), made, ident.span()),
        docs: attr::docs(attrs),
        deprecated,
        hidden: attr.flag("hidden"),
        cfgs: attr::cfgs(attrs),
        ident: ident.clone(),
        rust,
    }
}

/// `"-year, id"`.
fn order(cx: &Ctxt, text: Option<&LitStr>) -> Vec<Order> {
    let Some(text) = text else { return Vec::new() };
    let mut keys: Vec<Order> = Vec::new();
    for key in text.value().split(',') {
        let key = key.trim();
        let (field, descending) = match key.strip_prefix('-') {
            Some(field) => (field.trim(), true),
            None => (key, false),
        };
        if syn::parse_str::<Ident>(field).is_err() && syn::parse_str::<Ident>(&format!("r#{field}")).is_err() {
            cx.error(
                text,
                "`order` takes names of fields, each with `-` before it to descend: write `order = \"-year, id\"`",
            );
            return Vec::new();
        }
        if keys.iter().any(|key| key.field == field) {
            cx.error(text, format!("`order` names `{field}` twice: remove one"));
        }
        keys.push(Order { field: field.to_owned(), descending, span: text.span() });
    }
    keys
}

/// Refuses generics. Definitions are static, one per type.
fn refuse_generics(cx: &Ctxt, of: Macro, generics: &Generics) {
    let name = of.name();
    if !generics.params.is_empty() {
        cx.error(
            &generics.params,
            format!("`#[{name}]` takes no generics: a definition is static, write one type per {name}"),
        );
    } else if let Some(clause) = &generics.where_clause {
        cx.error(clause, format!("`#[{name}]` takes no generics: remove the `where` clause"));
    }
}

/// The last segment of a type's path, if it is a path.
pub(crate) fn last_segment(ty: &Type) -> Option<&syn::PathSegment> {
    match ty {
        Type::Path(path) if path.qself.is_none() => path.path.segments.last(),
        Type::Paren(paren) => last_segment(&paren.elem),
        Type::Group(group) => last_segment(&group.elem),
        _ => None,
    }
}

/// `T` of `Name<T>`.
pub(crate) fn only_argument(ty: &Type) -> Option<&Type> {
    match &last_segment(ty)?.arguments {
        PathArguments::AngleBracketed(list) => match list.args.first() {
            Some(GenericArgument::Type(ty)) if list.args.len() == 1 => Some(ty),
            _ => None,
        },
        _ => None,
    }
}

/// `T` of `Option<T>`.
pub(crate) fn optional(ty: &Type) -> Option<&Type> {
    only_argument(ty).filter(|_| last_segment(ty).is_some_and(|segment| segment.ident == "Option"))
}

/// Whether the type is written with one of these names.
pub(crate) fn is_named(ty: &Type, names: &[&str]) -> bool {
    last_segment(ty).is_some_and(|segment| names.iter().any(|name| segment.ident == name))
}

/// The names of the types of links.
pub(crate) const LINK_TYPES: &[&str] = &["One", "Maybe", "Many", "MaybeMany"];
