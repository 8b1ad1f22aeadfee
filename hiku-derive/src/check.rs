//! What concerns several members of an item at once: one function per rule, each with its reason.

use std::collections::HashMap;

use crate::ast::{Cases, Enum, Field, Function, Impl, Link, Macro, Member, Names, Role, Source, Struct, Via};
use crate::ctxt::Ctxt;
use crate::diag;
use crate::lower::{is_named, only_argument};

/// Judges a struct.
pub(crate) fn check_struct(cx: &Ctxt, item: &Struct) {
    if item.of == Macro::Node {
        has_a_key(cx, item);
    }
    public_names_differ(
        cx,
        item.members.iter().map(|member| match member {
            Member::Field(field) => &field.names,
            Member::Link(link) => &link.names,
        }),
    );
    parts_differ(cx, item);
    order_names_fields(cx, item);
    for field in item.fields() {
        sql_needs_a_table(cx, item, field);
    }
    for link in item.links() {
        from_names_fields(cx, item, link);
        statements_have_one_key(cx, item, link);
        joins_to_itself_say_how(cx, item, link);
    }
}

/// Judges an impl block.
pub(crate) fn check_impl(cx: &Ctxt, item: &Impl) {
    public_names_differ(cx, item.functions.iter().filter(|function| function.role != Role::Load).map(|f| &f.names));
    one_load(cx, item);
    for function in &item.functions {
        batch_or_rows(cx, function);
        transactions_are_of_mutations(cx, item.of, function);
        if item.of == Macro::Node {
            loads_take_keys(cx, function);
        }
    }
}

/// Judges what an interface says.
pub(crate) fn check_members(cx: &Ctxt, item: &Cases) {
    for (at, member) in item.members.iter().enumerate() {
        let public = member.names.public.value();
        if item.members[..at].iter().any(|before| before.names.public.value() == public) {
            cx.error(&member.names.ident, format!("the interface says `{public}` twice: remove one"));
        }
        for (at, arg) in member.args.iter().enumerate() {
            let name = arg.name.value();
            if member.args[..at].iter().any(|before| before.name.value() == name) {
                cx.error(&arg.name, format!("`{public}` takes `{name}` twice: remove one"));
            }
        }
    }
}

/// Judges the fields of a record or of an input.
pub(crate) fn check_fields<'a>(cx: &Ctxt, names: impl Iterator<Item = &'a Names>) {
    public_names_differ(cx, names);
}

/// Judges an enum.
pub(crate) fn check_enum(cx: &Ctxt, item: &Enum) {
    public_names_differ(cx, item.items.iter().map(|item| &item.names));
    stored_texts_differ(cx, item);
}

/// A text in a column is one value.
fn stored_texts_differ(cx: &Ctxt, item: &Enum) {
    if item.integers || cx.failed() {
        return;
    }
    for (at, each) in item.items.iter().enumerate() {
        let text = each.stored.value();
        if let Some(first) = item.items[..at].iter().find(|first| first.stored.value() == text) {
            let what = format!("`{}` and `{}` are both stored as {text:?}", first.names.rust, each.names.rust);
            cx.error(&each.stored, format!("{what}: write `stored = \"..\"` at one of them"));
        }
    }
}

/// Results are merged, links are followed and pages are ordered by the key.
fn has_a_key(cx: &Ctxt, item: &Struct) {
    let mut keys = item.keys();
    if keys.next().is_none() {
        // A key that is malformed was reported.
        if !cx.failed() {
            let what = "a node needs a key";
            cx.error(&item.item.ident, format!("{what}: write `#[key]` above the field that tells its values apart"));
        }
    } else if let Some(fifth) = keys.nth(3) {
        cx.error(&fifth.names.ident, "a key has at most four fields: put the values into one");
    }
}

/// GraphQL 3.6: the fields of an object have unique names.
fn public_names_differ<'a>(cx: &Ctxt, names: impl Iterator<Item = &'a Names>) {
    let mut seen: HashMap<String, &Names> = HashMap::new();
    for names in names.filter(|names| names.cfgs.is_empty()) {
        let public = names.public.value();
        if let Some(first) = seen.get(&public) {
            // Two members with the same name in Rust are reported by rustc.
            if first.rust != names.rust {
                let what = format!("`{}` and `{}` are both `{public}` in the schema", first.rust, names.rust);
                cx.push(syn::Error::new(names.public.span(), format!("{what}: write `name = \"..\"` at one of them")));
            }
        } else {
            seen.insert(public, names);
        }
    }
}

/// Each part is one impl block.
fn parts_differ(cx: &Ctxt, item: &Struct) {
    for (at, part) in item.parts.iter().enumerate() {
        if item.parts[..at].contains(part) {
            cx.error(part, format!("the part `{part}` is named twice: remove one"));
        }
    }
}

/// The order of a table is over its own columns.
fn order_names_fields(cx: &Ctxt, item: &Struct) {
    let fields: Vec<&str> = item.fields().map(|field| field.names.rust.as_str()).collect();
    for key in item.table.iter().flat_map(|table| &table.order) {
        if !fields.contains(&key.field.as_str()) {
            let what = format!(
                "`{}` has no field `{}` to order by{}",
                item.item.ident,
                key.field,
                diag::suggest(&key.field, &fields)
            );
            cx.push(syn::Error::new(key.span, what));
        }
    }
}

/// An expression is computed by a database.
fn sql_needs_a_table(cx: &Ctxt, item: &Struct, field: &Field) {
    if let Source::Sql(sql) = &field.source
        && item.table.is_none()
    {
        cx.error(sql, "`sql` is for nodes with a table: write `#[node(table = \"..\")]`");
    }
}

/// A foreign key is a stored field of this struct.
fn from_names_fields(cx: &Ctxt, item: &Struct, link: &Link) {
    let Via::From(columns) = &link.via else { return };
    let fields: Vec<&str> = item.fields().map(|field| field.names.rust.as_str()).collect();
    for column in columns {
        let name = syn::ext::IdentExt::unraw(column).to_string();
        if !fields.contains(&name.as_str()) {
            cx.error(column, format!("`{}` has no field `{name}`{}", item.item.ident, diag::suggest(&name, &fields)));
        }
    }
}

/// `{keys}` in a statement stands for a list of single values.
fn statements_have_one_key(cx: &Ctxt, item: &Struct, link: &Link) {
    if let Via::Sql(sql) = &link.via
        && item.keys().count() > 1
    {
        cx.error(sql, "a statement takes keys of one field: write a `#[link] async fn` for a key of several");
    }
}

/// A function is called once for a batch, or once per row.
fn batch_or_rows(cx: &Ctxt, function: &Function) {
    if function.is_batch() && function.is_per_row() {
        let what = "this function takes batches and single rows at once";
        cx.error(&function.names.ident, format!("{what}: write `&[T]` for all of its fields, or for none"));
    }
}

/// A query changes nothing, and a function that does not wait asks no database.
fn transactions_are_of_mutations(cx: &Ctxt, of: Macro, function: &Function) {
    let Some(transaction) = &function.transaction else { return };
    if of == Macro::Node {
        let what = "`transaction` is for mutations, which start at a root";
        cx.error(&transaction.word, format!("{what}: write it in the `impl` of the root of mutations"));
    } else if !function.is_async {
        let what = "a function that does not wait asks no database";
        cx.error(&transaction.word, format!("{what}: write `async fn {}`", function.names.ident));
    }
}

/// A source is called with keys.
fn loads_take_keys(cx: &Ctxt, function: &Function) {
    if function.role == Role::Load && !function.is_batch() {
        let what = "`#[load]` is called with the keys of a batch";
        cx.error(&function.names.ident, format!("{what}: write a parameter like `id: &[i64]`, named like the key"));
    }
}

/// A node has one source.
fn one_load(cx: &Ctxt, item: &Impl) {
    let mut loads = item.functions.iter().filter(|function| function.role == Role::Load);
    if let Some(first) = loads.next() {
        for second in loads {
            let what = format!("a node has one `#[load]`, this block has `{}` already", first.names.rust);
            cx.error(&second.names.ident, format!("{what}: remove one"));
        }
    }
}

/// Between two fields that refer to the same node, only the user knows which end is which.
fn joins_to_itself_say_how(cx: &Ctxt, item: &Struct, link: &Link) {
    let Via::Through { join, columns: None } = &link.via else { return };
    let ident = &item.item.ident;
    if only_argument(&link.ty).is_some_and(|target| is_named(target, &[&ident.to_string()])) {
        let join_name = &join.segments.last().expect("a path has segments").ident;
        let what = format!("both ends of this link are `{ident}`");
        cx.error(
            join,
            format!("{what}: say which fields of `{join_name}` lead here and there, as in `from = a_id, to = b_id`"),
        );
    }
}
