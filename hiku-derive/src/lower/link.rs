//! `#[link(..)]` on the fields of structs.

use syn::{Ident, Path};

use super::{Rename, is_named, names, order};
use crate::ast::{Link, Macro, Paging, Via};
use crate::attr::{Attr, Form, Key};
use crate::ctxt::Ctxt;

const LINK: &[Key] = &[
    Key("to", Form::Paths, "to = Actor::character_id"),
    Key("from", Form::Paths, "from = character_id"),
    Key("through", Form::Path, "through = Casting"),
    Key("sql", Form::Text, "sql = \"SELECT .. WHERE actor_id IN {keys}\""),
    Key("all", Form::Flag, "all"),
    Key("page", Form::Number, "page = 50"),
    Key("max", Form::Number, "max = 500"),
    Key("order", Form::Text, "order = \"-year, id\""),
    Key("name", Form::Text, "name = \"actors\""),
    Key("hidden", Form::Flag, "hidden"),
    Key("deprecated", Form::FlagOrText, "deprecated = \"why\""),
];

const ROOT_LINK: &[Key] = &[
    Key("all", Form::Flag, "all"),
    Key("by_key", Form::Flag, "by_key"),
    Key("page", Form::Number, "page = 50"),
    Key("max", Form::Number, "max = 500"),
    Key("order", Form::Text, "order = \"-year, id\""),
    Key("name", Form::Text, "name = \"actors\""),
    Key("hidden", Form::Flag, "hidden"),
    Key("deprecated", Form::FlagOrText, "deprecated = \"why\""),
];

/// Reads the link of a field.
pub(super) fn lower_link(
    cx: &Ctxt,
    of: Macro,
    rename: Rename,
    field: &syn::Field,
    attribute: &syn::Attribute,
) -> Option<Link> {
    let before = cx.failed();
    let attr = match of {
        Macro::Node => Attr::of(cx, "link", LINK, attribute),
        Macro::Root => Attr::of(cx, "link", ROOT_LINK, attribute),
    };
    let ident = field.ident.as_ref().expect("only structs with named fields come here");
    let names = names(cx, rename, ident, &field.attrs, &attr);
    let via = match of {
        Macro::Node => node_via(cx, &attr, field, attribute, before),
        Macro::Root => root_via(cx, &attr, field),
    };
    let (paging, order) = (paging(cx, &attr, field), order(cx, attr.text("order")));
    if matches!(via, Some(Via::Sql(_)))
        && let Some(word) = attr.word("order")
    {
        cx.error(word, "the statement says the order: write `ORDER BY` in it");
    } else if is_named(&field.ty, &["One", "Maybe"])
        && let Some(word) = attr.word("order")
    {
        cx.error(word, "a link to one node has no order: remove `order`");
    }
    Some(Link { names, ty: field.ty.clone(), via: via?, paging, order })
}

fn root_via(cx: &Ctxt, attr: &Attr, field: &syn::Field) -> Option<Via> {
    let to_one = is_named(&field.ty, &["One", "Maybe"]);
    if let Some(word) = attr.word("by_key") {
        if is_named(&field.ty, &["One", "Many", "MaybeMany"]) {
            cx.error(&field.ty, "a key may lead nowhere: write `Maybe<..>` with `by_key`");
        }
        for other in attr.among(&["all", "page", "max", "order"]) {
            cx.error(other, format!("`{other}` says nothing about one node: remove it or `{word}`"));
        }
        return Some(Via::ByKey);
    }
    if to_one {
        cx.error(
            &field.ty,
            "a root links to every row with `Many<..>`, or to one row with `#[link(by_key)]` and `Maybe<..>`",
        );
        return None;
    }
    Some(Via::All)
}

fn node_via(cx: &Ctxt, attr: &Attr, field: &syn::Field, attribute: &syn::Attribute, before: bool) -> Option<Via> {
    let through = attr.path("through");
    let ways: Vec<&Ident> = attr
        .among(&["to", "from", "through", "sql"])
        .filter(|way| through.is_none() || !(*way == "to" || *way == "from"))
        .collect();
    match ways.as_slice() {
        [] => {
            // Malformed keys of this link were reported.
            if before == cx.failed() {
                cx.error(
                    attribute,
                    "a link needs to know how its nodes are found: write `to = Node::field`, `from = field`, `through = Node` \
                     or `sql = \"..\"`",
                );
            }
            return None;
        }
        [_] => {}
        [first, rest @ ..] => {
            for way in rest {
                cx.error(way, format!("a link is found in one way: remove `{way}` or `{first}`"));
            }
            return None;
        }
    }
    if let Some(join) = through {
        let columns = match (attr.paths("from"), attr.paths("to")) {
            (None, None) => None,
            (Some(from), Some(to)) => Some((join_columns(cx, join, from)?, join_columns(cx, join, to)?)),
            (Some(_), None) | (None, Some(_)) => {
                let there = attr.among(&["from", "to"]).next().expect("one of them is there");
                let missing = if there == "from" { "to" } else { "from" };
                cx.error(
                    there,
                    format!("`{there}` says half of the way through `{}`: write `{missing} = field` too", name(join)),
                );
                return None;
            }
        };
        return Some(Via::Through { join: join.clone(), columns });
    }
    if let Some(sql) = attr.text("sql") {
        if !sql.value().contains("{keys}") {
            cx.error(sql, "the statement does not say where the keys go: write `WHERE actor_id IN {keys}`");
        }
        return Some(Via::Sql(sql.clone()));
    }
    if let Some(paths) = attr.paths("to") {
        return to(cx, paths);
    }
    if is_named(&field.ty, &["Many", "MaybeMany"]) {
        let what = "`from` leads to one node: write `One<..>` or `Maybe<..>`, or `to = Node::field` if the foreign key is over there";
        cx.error(&field.ty, what);
        return None;
    }
    let columns = attr.paths("from")?.iter().map(|path| match path.get_ident() {
        Some(ident) => Some(ident.clone()),
        None => {
            let written = written(path);
            let what = "`from` names a field of this node";
            cx.error(
                path,
                format!("{what}: write `from = {}`, or `to = {written}` if the foreign key is over there", name(path)),
            );
            None
        }
    });
    columns.collect::<Vec<_>>().into_iter().collect::<Option<_>>().map(Via::From)
}

/// `Actor::character_id` as owner and column; all paths have one owner.
fn to(cx: &Ctxt, paths: &[Path]) -> Option<Via> {
    let mut owner: Option<Path> = None;
    let mut columns = Vec::new();
    for path in paths {
        let mut front = path.clone();
        let column = front.segments.pop()?.ident;
        front.segments.pop_punct();
        if front.segments.is_empty() {
            let what = "`to` names a field of the node at the other end";
            cx.error(
                path,
                format!("{what}: write `to = Node::{column}`, or `from = {column}` if the foreign key is here"),
            );
            return None;
        }
        if let Some(first) = &owner
            && written(first) != written(&front)
        {
            cx.error(
                path,
                format!(
                    "a foreign key is in one node: this is a field of `{}`, the first of `{}`",
                    written(&front),
                    written(first)
                ),
            );
            return None;
        }
        owner = Some(front);
        columns.push(column);
    }
    Some(Via::To { owner: owner?, columns })
}

/// The fields of a join node, written as `a_id` or as `Friendship::a_id`.
fn join_columns(cx: &Ctxt, join: &Path, paths: &[Path]) -> Option<Vec<Ident>> {
    let mut columns = Vec::new();
    for path in paths {
        let column = path.segments.last()?.ident.clone();
        if path.segments.len() > 1 {
            cx.error(
                path,
                format!("with `through`, `from` and `to` name fields of `{}`: write `{column}`", name(join)),
            );
            return None;
        }
        columns.push(column);
    }
    Some(columns)
}

fn paging(cx: &Ctxt, attr: &Attr, field: &syn::Field) -> Option<Paging> {
    let words: Vec<&Ident> = attr.among(&["all", "page", "max"]).collect();
    if is_named(&field.ty, &["One", "Maybe"]) && !attr.flag("by_key") {
        for word in words {
            cx.error(word, format!("a link to one node is not paged: remove `{word}`"));
        }
        return None;
    }
    if attr.flag("all") {
        for word in words.into_iter().filter(|word| *word != "all") {
            cx.error(word, format!("`all` means without pages: remove `{word}` or `all`"));
        }
        return Some(Paging::All);
    }
    let number = |key| attr.number(key).map(|number| (number, number.base10_parse::<u32>().unwrap_or(u32::MAX)));
    for (literal, value) in [number("page"), number("max")].into_iter().flatten() {
        if value == 0 {
            cx.error(literal, "a page has at least one entry");
        }
    }
    match (number("page"), number("max")) {
        (None, None) => None,
        (Some((_, default)), None) => Some(Paging::Page { default, max: default.max(1000) }),
        (None, Some((_, max))) => Some(Paging::Page { default: max.min(100), max }),
        (Some((literal, default)), Some((_, max))) => {
            if default > max {
                cx.error(literal, format!("a page of {default} is more than `max = {max}`"));
            }
            Some(Paging::Page { default, max })
        }
    }
}

fn name(path: &Path) -> String {
    path.segments.last().map(|segment| segment.ident.to_string()).unwrap_or_default()
}

/// `Actor::character_id`, without the spaces of printed tokens.
pub(crate) fn written(path: &Path) -> String {
    let segments: Vec<_> = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
    segments.join("::")
}
