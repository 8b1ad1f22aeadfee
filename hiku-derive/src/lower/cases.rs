//! `#[derive(Union)]` and `#[derive(Interface)]`.

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::punctuated::Punctuated;
use syn::{Attribute, Data, DeriveInput, Ident, Meta, Token, Type, parenthesized};

use super::values::{head, keyword, only_field};
use super::{LINK_TYPES, Rename, is_named, names, public_name};
use crate::ast::{Abstract, Arg, Case, Cases, Declared};
use crate::attr::{self, Attr, Form, Key};
use crate::ctxt::Ctxt;
use crate::diag;

const UNION: &[Key] =
    &[Key("name", Form::Text, "name = \"SearchResult\""), Key("crate", Form::Path, "crate = path::to::hiku")];

const INTERFACE: &[Key] = &[
    Key("name", Form::Text, "name = \"Named\""),
    Key("rename_all", Form::Text, "rename_all = \"snake_case\""),
    Key("crate", Form::Path, "crate = path::to::hiku"),
    Key("implements", Form::Paths, "implements(Named, Dated)"),
    Key("field", Form::Flag, "field(title: String)"),
    Key("link", Form::Flag, "link(author: Maybe<Person>)"),
];

/// Reads a union or an interface.
pub(crate) fn lower_cases(cx: &Ctxt, of: Abstract, input: &DeriveInput) -> Cases {
    let keys = if of == Abstract::Union { UNION } else { INTERFACE };
    let mut attrs = input.attrs.clone();
    let attribute = attr::take(cx, &mut attrs, of.name());
    let (rest, declared) = match (of, &attribute) {
        (Abstract::Interface, Some(attribute)) => take_members(attribute),
        _ => (attribute, Vec::new()),
    };
    let attr = match &rest {
        Some(attribute) => Attr::of(cx, of.name(), keys, attribute),
        None => Attr::parse(cx, of.name(), keys, TokenStream::new()),
    };
    let (derive, what) = match of {
        Abstract::Union => ("Union", "a union"),
        Abstract::Interface => ("Interface", "an interface"),
    };
    let head = head(cx, what, input, &attr);
    let rename = Rename::read(cx, &attr);
    let members: Vec<_> = declared.into_iter().filter_map(|entry| entry.lower(cx, rename)).collect();
    if of == Abstract::Interface && members.is_empty() && !cx.failed() {
        cx.error(&input.ident, "an interface has at least one field: write `#[interface(field(name: String))]`");
    }
    let ident = &input.ident;
    let mut cases: Vec<Case> = Vec::new();
    match &input.data {
        Data::Enum(data) => {
            if data.variants.is_empty() {
                let example = format!("write a variant for each, as in `enum {ident} {{ Actor(Actor) }}`");
                cx.error(ident, format!("{what} is one of its nodes: {example}"));
            }
            for variant in &data.variants {
                let Some(ty) = only_field(cx, what, &variant.ident.to_string(), variant) else { continue };
                if let Some((_, discriminant)) = &variant.discriminant {
                    cx.error(discriminant, format!("{what} has no discriminants: remove it"));
                }
                if is_named(ty, LINK_TYPES) || is_named(ty, &["Box", "Option", "Vec"]) {
                    let inner =
                        super::only_argument(ty).map_or_else(|| "Node".into(), |ty| ty.to_token_stream().to_string());
                    cx.error(
                        ty,
                        format!("a variant of {what} holds the node itself: write `{}({inner})`", variant.ident),
                    );
                    continue;
                }
                let text = ty.to_token_stream().to_string();
                if cases.iter().any(|case| case.ty.to_token_stream().to_string() == text) {
                    cx.error(ty, format!("{what} names each node once: remove one `{text}`"));
                    continue;
                }
                cases.push(Case { ident: variant.ident.clone(), ty: ty.clone() });
            }
        }
        _ => {
            let example = format!("write `enum {ident} {{ Actor(Actor), .. }}`, with a variant for each node");
            cx.error(keyword(input), format!("`#[derive({derive})]` takes an `enum`: {example}"));
        }
    }
    let implements = attr.paths("implements").unwrap_or_default().to_vec();
    Cases { of, head, vis: input.vis.clone(), cases, implements, members }
}

fn example(word: &Ident) -> &'static str {
    if word == "link" { "link(author: Maybe<Person>)" } else { "field(title: String)" }
}

/// `/// docs`, then `field(title(upper: bool): String)`.
struct Entry {
    attrs: Vec<Attribute>,
    word: Ident,
    tokens: TokenStream,
}

/// Takes the fields and links out of the attribute, which can have many of each; docs can stand before the other keys.
fn take_members(attribute: &Attribute) -> (Option<Attribute>, Vec<Entry>) {
    let Meta::List(list) = &attribute.meta else { return (Some(attribute.clone()), Vec::new()) };
    let (mut rest, mut entries) = (TokenStream::new(), Vec::new());
    for entry in attr::split(list.tokens.clone()) {
        match member.parse2(entry.clone()) {
            Ok(entry) => entries.push(entry),
            Err(_) => {
                let comma = <Token![,]>::default();
                rest.extend(entry);
                comma.to_tokens(&mut rest);
            }
        }
    }
    let mut list = list.clone();
    list.tokens = rest;
    (Some(Attribute { meta: Meta::List(list), ..attribute.clone() }), entries)
}

fn member(input: ParseStream<'_>) -> syn::Result<Entry> {
    let attrs = input.call(Attribute::parse_outer)?;
    let word: Ident = input.parse()?;
    if word != "field" && word != "link" {
        return Err(input.error("another key"));
    }
    let mut rest = input.parse::<TokenStream>()?.into_iter();
    let tokens = match (rest.next(), rest.next()) {
        (Some(TokenTree::Group(group)), None) if group.delimiter() == Delimiter::Parenthesis => group.stream(),
        // A name and a type are missing.
        _ => TokenStream::new(),
    };
    Ok(Entry { attrs, word, tokens })
}

/// `title(upper: bool): String`.
struct Signature {
    attrs: Vec<Attribute>,
    name: Ident,
    args: Vec<(Vec<Attribute>, Ident, Type)>,
    ty: Type,
}

fn signature(input: ParseStream<'_>) -> syn::Result<Signature> {
    fn arg(input: ParseStream<'_>) -> syn::Result<(Vec<Attribute>, Ident, Type)> {
        let attrs = input.call(Attribute::parse_outer)?;
        let name = input.call(Ident::parse_any)?;
        input.parse::<Token![:]>()?;
        Ok((attrs, name, input.parse()?))
    }
    let attrs = input.call(Attribute::parse_outer)?;
    let name = input.call(Ident::parse_any)?;
    let mut args = Vec::new();
    if input.peek(syn::token::Paren) {
        let inner;
        parenthesized!(inner in input);
        args = Punctuated::<_, Token![,]>::parse_terminated_with(&inner, arg)?.into_iter().collect();
    }
    input.parse::<Token![:]>()?;
    Ok(Signature { attrs, name, args, ty: input.parse()? })
}

impl Entry {
    fn lower(self, cx: &Ctxt, rename: Rename) -> Option<Declared> {
        let link = self.word == "link";
        let Ok(Signature { attrs, name, args, ty }) = signature.parse2(self.tokens.clone()) else {
            let at = if self.tokens.is_empty() { self.word.to_token_stream() } else { self.tokens };
            cx.error(at, format!("`{}` says a name and a type: write `{}`", self.word, example(&self.word)));
            return None;
        };
        let is_link = is_named(&ty, LINK_TYPES);
        if is_link && !link {
            cx.error(&self.word, format!("this leads to nodes: write `link({name}: ..)`"));
        } else if link && !is_link {
            cx.error(&ty, format!("not the type of a link: write {} of a node", diag::list(LINK_TYPES)));
        }
        let nothing = Attr::parse(cx, "interface", &[], TokenStream::new());
        let attrs: Vec<_> = self.attrs.into_iter().chain(attrs).collect();
        let args = args.into_iter().map(|(attrs, name, ty)| Arg {
            name: public_name(cx, None, rename.apply(&name.unraw().to_string()), name.span()),
            docs: attr::docs(&attrs),
            deprecated: attr::deprecated(&attrs),
            ty,
            default: None,
            checks: Vec::new(),
        });
        let args = args.collect();
        Some(Declared { names: names(cx, rename, &name, &attrs, &nothing), link, args, ty })
    }
}
