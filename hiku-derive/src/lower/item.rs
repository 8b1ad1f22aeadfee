//! Annotated structs.

use proc_macro2::{Span, TokenStream};
use syn::ext::IdentExt;
use syn::{Fields, ItemStruct};

use super::link::lower_link;
use super::{LINK_TYPES, Rename, is_named, krate, names, optional, order, public_name, refuse_generics};
use crate::ast::{Field, Macro, Member, Source, Struct, Table};
use crate::attr::{self, Attr, Form, Key};
use crate::ctxt::Ctxt;
use crate::{diag, place};

const NODE: &[Key] = &[
    Key("table", Form::Text, "table = \"character\""),
    Key("memory", Form::Flag, "memory"),
    Key("schema", Form::Text, "schema = \"public\""),
    Key("view", Form::Text, "view = \"SELECT ..\""),
    Key("db", Form::Type, "db = Reports"),
    Key("filter", Form::Text, "filter = \"deleted_at IS NULL\""),
    Key("scope", Form::Path, "scope = tenant"),
    Key("order", Form::Text, "order = \"-year, id\""),
    Key("name", Form::Text, "name = \"Person\""),
    Key("rename_all", Form::Text, "rename_all = \"snake_case\""),
    Key("crate", Form::Path, "crate = path::to::hiku"),
    Key("parts", Form::Words, "parts(billing, admin)"),
];

const ROOT: &[Key] = &[
    Key("name", Form::Text, "name = \"Query\""),
    Key("rename_all", Form::Text, "rename_all = \"snake_case\""),
    Key("crate", Form::Path, "crate = path::to::hiku"),
    Key("parts", Form::Words, "parts(billing, admin)"),
];

const KEY: &[Key] = &[
    Key("type", Form::Word, "type = Int"),
    Key("hidden", Form::Flag, "hidden"),
    Key("name", Form::Text, "name = \"id\""),
    Key("column", Form::Text, "column = \"id\""),
    Key("deprecated", Form::FlagOrText, "deprecated = \"why\""),
];

const FIELD: &[Key] = &[
    Key("hidden", Form::Flag, "hidden"),
    Key("name", Form::Text, "name = \"title\""),
    Key("column", Form::Text, "column = \"title\""),
    Key("type", Form::Word, "type = ID"),
    Key("sql", Form::Text, "sql = \"lower(name)\""),
    Key("deprecated", Form::FlagOrText, "deprecated = \"why\""),
];

/// Reads a struct. Whatever is wrong, there is a [`Struct`] to make a stub of, unless its fields have no names.
pub(crate) fn lower_struct(
    cx: &Ctxt,
    of: Macro,
    args: TokenStream,
    mut item: ItemStruct,
) -> Result<Struct, Box<ItemStruct>> {
    let attr = read_attr(cx, of, args);
    refuse_generics(cx, of, &item.generics);
    let rename = Rename::read(cx, &attr);
    let derived = derived_too_early(cx, of, &item.fields);
    let mut members = Vec::new();
    match &mut item.fields {
        Fields::Named(fields) => {
            let all = std::mem::take(&mut fields.named);
            for mut field in all {
                let (member, keep) = lower_member(cx, of, rename, &mut field);
                members.extend(member);
                if derived && !keep {
                    // What was derived names it, and must compile.
                    field.ty = syn::parse_quote!(());
                }
                if keep || derived {
                    fields.named.push(field);
                }
            }
        }
        Fields::Unit if of == Macro::Root => {}
        fields => {
            let what =
                format!("`#[{}]` takes a struct with named fields: write `struct {} {{ .. }}`", of.name(), item.ident);
            if let Fields::Unit = fields {
                cx.error(&item.ident, what);
            } else {
                cx.error(&*fields, what);
            }
            for field in fields.iter_mut() {
                field.attrs.retain(|attr| !["key", "field", "link"].iter().any(|ours| attr.path().is_ident(ours)));
            }
            return Err(Box::new(item));
        }
    }
    let rust = item.ident.unraw().to_string();
    Ok(Struct {
        of,
        krate: krate(&attr),
        name: public_name(cx, attr.text("name"), rust, item.ident.span()),
        docs: attr::docs(&item.attrs),
        members,
        table: lower_table(cx, &attr),
        memory: attr.flag("memory"),
        parts: attr.words("parts"),
        item,
    })
}

/// Derives see the fields as they are where they stand: above the macro with links, which are then removed.
fn derived_too_early(cx: &Ctxt, of: Macro, fields: &Fields) -> bool {
    let links = fields.iter().any(|field| field.attrs.iter().any(|attr| attr.path().is_ident("link")));
    let early = links && place::below_a_derive();
    if early {
        let name = of.name();
        let what = format!("`#[derive(..)]` above `#[{name}]` takes the links for fields: write it below `#[{name}]`");
        cx.push(syn::Error::new(Span::call_site(), what));
    }
    early
}

fn read_attr(cx: &Ctxt, of: Macro, args: TokenStream) -> Attr {
    match of {
        Macro::Node => Attr::parse(cx, "node", NODE, args),
        Macro::Root => Attr::parse(cx, "root", ROOT, args),
    }
}

fn lower_table(cx: &Ctxt, attr: &Attr) -> Option<Table> {
    if attr.flag("memory")
        && let Some(word) = attr.word("table")
    {
        cx.error(word, "rows come from a table or from memory: remove `table` or `memory`");
    }
    let Some(name) = attr.text("table") else {
        // A malformed `table` was reported; what needs one is not to blame.
        if !cx.failed() {
            for key in attr.among(&["schema", "view", "db", "filter", "scope", "order"]) {
                cx.error(key, format!("`{key}` is for nodes with a table: write `table = \"..\"` too"));
            }
        }
        return None;
    };
    if name.value().trim().is_empty() {
        cx.error(name, "the table has no name: write `table = \"character\"`");
    }
    Some(Table {
        name: name.clone(),
        schema: attr.text("schema").cloned(),
        view: attr.text("view").cloned(),
        filter: attr.text("filter").cloned(),
        scope: attr.path("scope").cloned(),
        db: attr.ty("db").cloned(),
        order: order(cx, attr.text("order")),
    })
}

/// Reads one field, and says whether the user's struct keeps it.
fn lower_member(cx: &Ctxt, of: Macro, rename: Rename, field: &mut syn::Field) -> (Option<Member>, bool) {
    let key = attr::take(cx, &mut field.attrs, "key");
    let plain = attr::take(cx, &mut field.attrs, "field");
    let link = attr::take(cx, &mut field.attrs, "link");
    if let Some(link) = link {
        for other in key.iter().chain(&plain) {
            let other_name = other.path().segments[0].ident.to_string();
            cx.error(other, format!("a field is a link or a value: remove `#[{other_name}]` or `#[link]`"));
        }
        return (lower_link(cx, of, rename, field, &link).map(Member::Link), false);
    }
    if is_named(&field.ty, LINK_TYPES) {
        cx.error(&field.ty, match of {
            Macro::Node => "a link needs to know how its nodes are found: write `#[link(to = Node::field)]`, `#[link(from = field)]`, \
                            `#[link(through = Node)]` or `#[link(sql = \"..\")]` above it",
            Macro::Root => "a link of a root needs its attribute: write `#[link]`, `#[link(all)]` or `#[link(by_key)]` above it",
        });
        return (None, false);
    }
    if of == Macro::Root {
        cx.error(&*field, "a root has no rows, so it has no values: write a `#[field] fn` in its `#[root] impl`");
        return (None, true);
    }
    (Some(Member::Field(lower_field(cx, rename, field, key, plain))), true)
}

fn lower_field(
    cx: &Ctxt,
    rename: Rename,
    field: &syn::Field,
    key: Option<syn::Attribute>,
    plain: Option<syn::Attribute>,
) -> Field {
    if let (Some(_), Some(plain)) = (&key, &plain) {
        cx.error(plain, "a key is a field already: put the keys of `#[field(..)]` into `#[key(..)]`");
    }
    let attr = match (&key, &plain) {
        (Some(key), _) => Attr::of(cx, "key", KEY, key),
        (None, Some(plain)) => Attr::of(cx, "field", FIELD, plain),
        (None, None) => Attr::parse(cx, "field", FIELD, TokenStream::new()),
    };
    let names =
        names(cx, rename, field.ident.as_ref().expect("only structs with named fields come here"), &field.attrs, &attr);
    if key.is_some() {
        if optional(&field.ty).is_some() {
            cx.error(&field.ty, "a key is never null: remove the `Option`");
        }
        if let Some(cfg) = names.cfgs.first() {
            cx.error(cfg, "a key cannot depend on `#[cfg]`: write two structs");
        }
    }
    if let (Some(sql), Some(column)) = (attr.text("sql"), attr.word("column")) {
        let _ = sql;
        cx.error(column, format!("a field is a column or an expression: remove {}", diag::list(&["column", "sql"])));
    }
    let column = || attr.text("column").cloned().unwrap_or_else(|| attr::literal(&names.rust, names.ident.span()));
    Field {
        source: attr.text("sql").map_or_else(|| Source::Column(column()), |sql| Source::Sql(sql.clone())),
        scalar: attr.words("type").into_iter().next(),
        key: key.is_some(),
        ty: field.ty.clone(),
        names,
    }
}
