//! Tokens of an attribute → its keys and values. Never a `Result`: every mistake goes into the [`Ctxt`].

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream, Parser};
use syn::punctuated::Punctuated;
use syn::{Attribute, Ident, Lit, LitInt, LitStr, Meta, Path, Token, Type};

use crate::ctxt::Ctxt;
use crate::diag;

/// What a key takes.
#[derive(Clone, Copy)]
pub(crate) enum Form {
    Flag,
    /// A string literal.
    Text,
    /// An optional string literal.
    FlagOrText,
    Number,
    /// An identifier.
    Word,
    Path,
    Type,
    /// An optional type.
    FlagOrType,
    /// Any expression.
    Expr,
    /// `key = path` or `key(path, path)`.
    Paths,
    /// `key(word, word)`.
    Words,
    /// `key(min = 1, max = 10)`: one number or both.
    Bounds,
}

/// A key of an attribute: its name, what it takes, and how it is written.
pub(crate) struct Key(pub(crate) &'static str, pub(crate) Form, pub(crate) &'static str);

/// A value as written.
pub(crate) enum Value {
    Flag,
    Text(LitStr),
    Number(LitInt),
    Type(Box<Type>),
    Expr(TokenStream),
    Paths(Vec<Path>),
    Bounds(Bounds),
}

/// `min = 1, max = 10`; whole numbers where only these make sense.
#[derive(Clone, Copy)]
pub(crate) struct Bounds {
    pub(crate) min: Option<f64>,
    pub(crate) max: Option<f64>,
}

impl Parse for Bounds {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let mut bounds = Bounds { min: None, max: None };
        while !input.is_empty() {
            let word: Ident = input.parse()?;
            input.parse::<Token![=]>()?;
            let sign = if input.parse::<Option<Token![-]>>()?.is_some() { -1.0 } else { 1.0 };
            let number: f64 = match input.parse()? {
                Lit::Int(number) => number.base10_parse()?,
                Lit::Float(number) => number.base10_parse()?,
                other => return Err(syn::Error::new(other.span(), "a number")),
            };
            let place = match word.to_string().as_str() {
                "min" => &mut bounds.min,
                "max" => &mut bounds.max,
                _ => return Err(syn::Error::new(word.span(), "`min` or `max`")),
            };
            if place.replace(sign * number).is_some() {
                return Err(syn::Error::new(word.span(), "once"));
            }
            if !input.is_empty() {
                input.parse::<Token![,]>()?;
            }
        }
        if bounds.min.is_none() && bounds.max.is_none() { Err(input.error("a bound")) } else { Ok(bounds) }
    }
}

/// The keys and values of one attribute.
pub(crate) struct Attr {
    values: Vec<(&'static str, Ident, Value)>,
}

impl Attr {
    /// Reads the arguments of `#[name(...)]`.
    pub(crate) fn parse(cx: &Ctxt, name: &str, keys: &[Key], tokens: TokenStream) -> Attr {
        let mut attr = Attr { values: Vec::new() };
        for entry in split(tokens) {
            attr.entry(cx, name, keys, entry);
        }
        attr
    }

    /// Reads an attribute of a field, function or parameter: `#[key]` or `#[key(..)]`.
    pub(crate) fn of(cx: &Ctxt, name: &str, keys: &[Key], attribute: &Attribute) -> Attr {
        match &attribute.meta {
            Meta::Path(_) => Attr { values: Vec::new() },
            Meta::List(list) => Attr::parse(cx, name, keys, list.tokens.clone()),
            Meta::NameValue(pair) => {
                cx.error(pair, format!("`#[{name} = ..]` is not a form of `#[{name}]`: write `#[{name}(..)]`"));
                Attr { values: Vec::new() }
            }
        }
    }

    fn entry(&mut self, cx: &Ctxt, name: &str, keys: &[Key], entry: TokenStream) {
        let names: Vec<_> = keys.iter().map(|key| key.0).collect();
        let (word, rest) =
            match (|input: ParseStream<'_>| Ok((input.call(Ident::parse_any)?, input.parse::<TokenStream>()?)))
                .parse2(entry.clone())
            {
                Ok(parts) => parts,
                Err(_) if names.is_empty() => {
                    return cx.error(entry, format!("`#[{name}]` takes nothing: write `#[{name}]`"));
                }
                Err(_) => {
                    return cx
                        .error(entry, format!("this is not a key of `#[{name}(..)]`: write {}", diag::list(&names)));
                }
            };
        let written = word.unraw().to_string();
        let Some(key) = keys.iter().find(|key| key.0 == written) else {
            let hint = diag::suggest(&written, &names);
            return cx.error(&word, format!("`#[{name}]` has no key `{written}`{hint}"));
        };
        if self.values.iter().any(|(seen, ..)| *seen == key.0) {
            return cx.error(&word, format!("`{written}` is written twice: remove one"));
        }
        if let Some(value) = value(cx, &word, key, rest) {
            self.values.push((key.0, word, value));
        }
    }

    fn get(&self, key: &str) -> Option<(&Ident, &Value)> {
        self.values.iter().find(|(name, ..)| *name == key).map(|(_, word, value)| (word, value))
    }

    /// Whether the key is there; where.
    pub(crate) fn word(&self, key: &str) -> Option<&Ident> {
        self.get(key).map(|(word, _)| word)
    }

    pub(crate) fn flag(&self, key: &str) -> bool {
        self.get(key).is_some()
    }

    pub(crate) fn text(&self, key: &str) -> Option<&LitStr> {
        match self.get(key)?.1 {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    pub(crate) fn number(&self, key: &str) -> Option<&LitInt> {
        match self.get(key)?.1 {
            Value::Number(number) => Some(number),
            _ => None,
        }
    }

    pub(crate) fn ty(&self, key: &str) -> Option<&Type> {
        match self.get(key)?.1 {
            Value::Type(ty) => Some(ty),
            _ => None,
        }
    }

    pub(crate) fn expr(&self, key: &str) -> Option<&TokenStream> {
        match self.get(key)?.1 {
            Value::Expr(expr) => Some(expr),
            _ => None,
        }
    }

    pub(crate) fn paths(&self, key: &str) -> Option<&[Path]> {
        match self.get(key)?.1 {
            Value::Paths(paths) => Some(paths),
            _ => None,
        }
    }

    pub(crate) fn bounds(&self, key: &str) -> Option<(&Ident, Bounds)> {
        match self.get(key)? {
            (word, Value::Bounds(bounds)) => Some((word, *bounds)),
            _ => None,
        }
    }

    /// The only path of a key of [`Form::Path`] or [`Form::Word`].
    pub(crate) fn path(&self, key: &str) -> Option<&Path> {
        self.paths(key)?.first()
    }

    /// The words of a key of [`Form::Word`] or [`Form::Words`].
    pub(crate) fn words(&self, key: &str) -> Vec<Ident> {
        self.paths(key).unwrap_or_default().iter().filter_map(|path| path.get_ident().cloned()).collect()
    }

    /// The keys among these that are there, in the order written.
    pub(crate) fn among<'a>(&'a self, keys: &'a [&str]) -> impl Iterator<Item = &'a Ident> {
        self.values.iter().filter(move |(name, ..)| keys.contains(name)).map(|(_, word, _)| word)
    }
}

/// The value after a key.
fn value(cx: &Ctxt, word: &Ident, key: &Key, rest: TokenStream) -> Option<Value> {
    let Key(name, form, example) = key;
    let mut tokens = rest.clone().into_iter();
    let (after, eq) = match tokens.next() {
        None => (None, false),
        Some(TokenTree::Punct(punct)) if punct.as_char() == '=' => (Some(tokens.collect::<TokenStream>()), true),
        Some(TokenTree::Group(group)) if tokens.next().is_none() => (Some(group.stream()), false),
        Some(_) => {
            cx.error(rest, format!("expected a comma or a value after `{name}`: write `{example}`"));
            return None;
        }
    };
    let Some(after) = after else {
        if matches!(form, Form::Flag | Form::FlagOrText | Form::FlagOrType) {
            return Some(Value::Flag);
        }
        cx.error(word, format!("`{name}` needs a value: write `{example}`"));
        return None;
    };
    let at = if after.is_empty() { word.to_token_stream() } else { after.clone() };
    let list =
        |input: ParseStream<'_>| Punctuated::<Path, Token![,]>::parse_terminated_with(input, Path::parse_mod_style);
    let parsed = match (form, eq) {
        (Form::Text | Form::FlagOrText, true) => syn::parse2(after).map(Value::Text).ok(),
        (Form::Number, true) => {
            syn::parse2(after).ok().filter(|n: &LitInt| n.base10_parse::<u32>().is_ok()).map(Value::Number)
        }
        (Form::Type | Form::FlagOrType, true) => syn::parse2(after).map(|ty| Value::Type(Box::new(ty))).ok(),
        (Form::Expr, true) if !after.is_empty() => Some(Value::Expr(after)),
        (Form::Word, true) => {
            Path::parse_mod_style.parse2(after).ok().filter(|path| path.get_ident().is_some()).map(one)
        }
        (Form::Path | Form::Paths, true) => Path::parse_mod_style.parse2(after).ok().map(one),
        (Form::Paths, false) => list.parse2(after).ok().filter(|paths| !paths.is_empty()).map(many),
        (Form::Words, false) => list
            .parse2(after)
            .ok()
            .filter(|paths| !paths.is_empty() && paths.iter().all(|path| path.get_ident().is_some()))
            .map(many),
        (Form::Bounds, false) => syn::parse2(after).map(Value::Bounds).ok(),
        _ => None,
    };
    if parsed.is_none() {
        let takes = match form {
            Form::Flag => "no value",
            Form::Text | Form::FlagOrText => "a string",
            Form::Number => "a whole number",
            Form::Word => "a name",
            Form::Path => "a path",
            Form::Type | Form::FlagOrType => "a type",
            Form::Expr => "an expression",
            Form::Paths => "a path, or several in parentheses",
            Form::Words => "names in parentheses",
            Form::Bounds => "a least number, a greatest, or both",
        };
        cx.error(at, format!("`{name}` takes {takes}: write `{example}`"));
    }
    parsed
}

fn one(path: Path) -> Value {
    Value::Paths(vec![path])
}

fn many(paths: Punctuated<Path, Token![,]>) -> Value {
    Value::Paths(paths.into_iter().collect())
}

/// The entries between top-level commas; commas between `<` and `>` are part of a type.
pub(crate) fn split(tokens: TokenStream) -> Vec<TokenStream> {
    let mut entries = vec![TokenStream::new()];
    let mut depth = 0_u32;
    for token in tokens {
        if let TokenTree::Punct(punct) = &token {
            match punct.as_char() {
                '<' => depth += 1,
                '>' => depth = depth.saturating_sub(1),
                ',' if depth == 0 => {
                    entries.push(TokenStream::new());
                    continue;
                }
                _ => {}
            }
        }
        entries.last_mut().expect("it never is empty").extend([token]);
    }
    entries.retain(|entry| !entry.is_empty());
    entries
}

/// The text of the doc comments, without the space that `///` leaves, if there is any.
pub(crate) fn docs(attrs: &[Attribute]) -> Option<String> {
    let lines: Vec<String> = attrs
        .iter()
        .filter(|attr| attr.path().is_ident("doc"))
        .filter_map(|attr| match &attr.meta {
            Meta::NameValue(pair) => syn::parse2::<LitStr>(pair.value.to_token_stream()).ok(),
            _ => None,
        })
        .map(|line| line.value().trim().to_owned())
        .collect();
    let text = lines.join("\n").trim().to_owned();
    (!text.is_empty()).then_some(text)
}

/// What `#[deprecated]` says.
pub(crate) fn deprecated(attrs: &[Attribute]) -> Option<String> {
    let attr = attrs.iter().find(|attr| attr.path().is_ident("deprecated"))?;
    let mut note = None;
    match &attr.meta {
        Meta::NameValue(pair) => note = syn::parse2::<LitStr>(pair.value.to_token_stream()).ok(),
        Meta::List(_) => {
            // What is malformed here, rustc reports itself.
            let _ = attr.parse_nested_meta(|meta| {
                let text: LitStr = meta.value()?.parse()?;
                if meta.path.is_ident("note") {
                    note = Some(text);
                }
                Ok(())
            });
        }
        Meta::Path(_) => {}
    }
    Some(note.map_or_else(|| NO_REASON.to_owned(), |note| note.value()))
}

/// The default of `@deprecated(reason:)`, GraphQL specification 3.13.3.
pub(crate) const NO_REASON: &str = "No longer supported";

/// The `#[cfg(..)]`s, to be copied to everything generated.
pub(crate) fn cfgs(attrs: &[Attribute]) -> Vec<Attribute> {
    attrs.iter().filter(|attr| attr.path().is_ident("cfg")).cloned().collect()
}

/// The attribute of this name; a second one is a mistake.
pub(crate) fn take(cx: &Ctxt, attrs: &mut Vec<Attribute>, name: &str) -> Option<Attribute> {
    let mut found = None;
    attrs.retain(|attr| {
        if !attr.path().is_ident(name) {
            return true;
        }
        if found.is_some() {
            cx.error(attr, format!("`#[{name}]` is written twice: put all keys into one"));
        } else {
            found = Some(attr.clone());
        }
        false
    });
    found
}

/// A string literal of this text at this place.
pub(crate) fn literal(text: &str, span: Span) -> LitStr {
    LitStr::new(text, span)
}
