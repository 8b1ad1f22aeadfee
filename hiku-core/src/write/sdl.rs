//! The public schema of a graph in the schema definition language (GraphQL specification, October 2021, section 3).
//!
//! Laid out as graphql-js 16 prints schemas. Hidden members, nodes that no query reaches and the types that GraphQL has
//! built in are left out.

use std::collections::BTreeMap;
use std::fmt::Write;

use serde_json::Value as Json;

use crate::graph::{Arg, Cardinality, Graph, Member, NodeInfo, ScalarDef, TypeDef};

/// The public schema: the roots first, then the nodes in the order of the graph, then the scalars by name.
///
/// The same graph always gives the same text.
pub fn sdl(graph: &Graph) -> String {
    let mut out = String::new();
    let mutation = graph.mutation().map(|id| ("Mutation", id));
    let roots: Vec<_> = std::iter::once(("Query", graph.query())).chain(mutation).collect();
    let is_root = |id| roots.iter().any(|&(_, root)| root == id);
    let unusual = roots.iter().any(|&(usual, id)| graph.node(id).name != usual);
    // A type named like another root would be taken for it.
    let ambiguous = graph.nodes().any(|(id, node)| {
        node.public && !is_root(id) && matches!(node.name.as_str(), "Query" | "Mutation" | "Subscription")
    });
    if unusual || ambiguous {
        out.push_str("schema {\n");
        for &(usual, id) in &roots {
            let _ = writeln!(out, "  {}: {}", usual.to_ascii_lowercase(), graph.node(id).name);
        }
        out.push_str("}\n\n");
    }
    let nodes = graph.nodes().filter(|(id, node)| node.public && !is_root(*id)).map(|(id, _)| id);
    for (at, id) in roots.iter().map(|&(_, id)| id).chain(nodes).enumerate() {
        out.push_str(if at > 0 { "\n" } else { "" });
        node(&mut out, graph, graph.node(id));
    }
    for scalar in scalars(graph).into_values() {
        out.push('\n');
        describe(&mut out, "", scalar.description);
        let _ = write!(out, "scalar {}", scalar.name);
        if let Some(url) = scalar.specified_by {
            out.push_str(" @specifiedBy(url: ");
            quoted(&mut out, url);
            out.push(')');
        }
        out.push('\n');
    }
    out
}

fn node(out: &mut String, graph: &Graph, node: &NodeInfo) {
    describe(out, "", node.description.as_deref());
    let _ = writeln!(out, "type {} {{", node.name);
    let mut first = true;
    for member in node.members.iter().filter(|member| !member.names().hidden) {
        let names = member.names();
        if names.description.is_some() && !first {
            out.push('\n');
        }
        first = false;
        describe(out, "  ", names.description.as_deref());
        let _ = write!(out, "  {}", names.public);
        args(out, member.args());
        match member {
            Member::Field(field) => {
                let _ = write!(out, ": {}", field.ty);
            }
            Member::Link(link) => {
                let target = &graph.node(link.target).name;
                let _ = match link.cardinality {
                    Cardinality::One => write!(out, ": {target}!"),
                    Cardinality::Maybe => write!(out, ": {target}"),
                    Cardinality::Many => write!(out, ": [{target}!]!"),
                    Cardinality::MaybeMany => write!(out, ": [{target}]!"),
                };
            }
        }
        deprecated(out, names.deprecated.as_deref());
        out.push('\n');
    }
    out.push_str("}\n");
}

fn args(out: &mut String, args: &[Arg]) {
    if args.is_empty() {
        return;
    }
    let lines = args.iter().any(|arg| arg.description.is_some());
    out.push('(');
    for (at, arg) in args.iter().enumerate() {
        if lines {
            out.push_str(if at > 0 && arg.description.is_some() { "\n\n" } else { "\n" });
            describe(out, "    ", arg.description.as_deref());
            out.push_str("    ");
        } else if at > 0 {
            out.push_str(", ");
        }
        let _ = write!(out, "{}: {}", arg.name, arg.ty);
        if let Some(default) = &arg.default {
            out.push_str(" = ");
            literal(out, default);
        }
        deprecated(out, arg.deprecated.as_deref());
    }
    out.push_str(if lines { "\n  )" } else { ")" });
}

fn deprecated(out: &mut String, reason: Option<&str>) {
    match reason {
        None => {}
        // The default of the directive.
        Some("" | "No longer supported") => out.push_str(" @deprecated"),
        Some(reason) => {
            out.push_str(" @deprecated(reason: ");
            quoted(out, reason);
            out.push(')');
        }
    }
}

/// The scalars that the public schema mentions and GraphQL does not build in, by name.
fn scalars(graph: &Graph) -> BTreeMap<&'static str, &'static ScalarDef> {
    let mut scalars: BTreeMap<&'static str, &'static ScalarDef> = BTreeMap::new();
    let members = graph.nodes().filter(|(_, node)| node.public).flat_map(|(_, node)| &node.members);
    for member in members.filter(|member| !member.names().hidden) {
        let of_field = match member {
            Member::Field(field) => Some(field.ty),
            Member::Link(_) => None,
        };
        for ty in of_field.into_iter().chain(member.args().iter().map(|arg| arg.ty)) {
            let scalar = scalar(ty);
            if !matches!(scalar.name, "Int" | "Float" | "String" | "Boolean" | "ID") {
                let known = scalars.entry(scalar.name).or_insert(scalar);
                // Several definitions share a name; one of them may say more.
                if known.description.is_none() && scalar.description.is_some() {
                    *known = scalar;
                }
            }
        }
    }
    scalars
}

fn scalar(ty: &TypeDef) -> &'static ScalarDef {
    match ty {
        TypeDef::Scalar(scalar) => scalar,
        TypeDef::List(inner) | TypeDef::Nullable(inner) => scalar(inner),
    }
}

/// A value as GraphQL writes it. The key of an object that is no name makes the whole object a string of JSON: GraphQL
/// has no way to write it.
fn literal(out: &mut String, value: &Json) {
    match value {
        Json::Null => out.push_str("null"),
        Json::Bool(value) => {
            let _ = write!(out, "{value}");
        }
        Json::Number(value) => {
            let _ = write!(out, "{value}");
        }
        Json::String(value) => quoted(out, value),
        Json::Array(items) => {
            out.push('[');
            for (at, item) in items.iter().enumerate() {
                out.push_str(if at > 0 { ", " } else { "" });
                literal(out, item);
            }
            out.push(']');
        }
        Json::Object(entries) if entries.keys().all(|key| is_name(key)) => {
            out.push('{');
            for (at, (key, value)) in entries.iter().enumerate() {
                let _ = write!(out, "{}{key}: ", if at > 0 { ", " } else { "" });
                literal(out, value);
            }
            out.push('}');
        }
        Json::Object(_) => quoted(out, &value.to_string()),
    }
}

fn is_name(text: &str) -> bool {
    let mut bytes = text.bytes();
    bytes.next().is_some_and(|first| first == b'_' || first.is_ascii_alphabetic())
        && bytes.all(|next| next == b'_' || next.is_ascii_alphanumeric())
}

fn describe(out: &mut String, indent: &str, text: Option<&str>) {
    let Some(text) = text else { return };
    out.push_str(indent);
    if is_printable_as_block(text) {
        block(out, indent, text);
    } else {
        quoted(out, text);
    }
    out.push('\n');
}

/// A string in quotes; section 2.9.4.
fn quoted(out: &mut String, text: &str) {
    out.push('"');
    for char in text.chars() {
        match char {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}' => {
                let _ = write!(out, "\\u{:04X}", char as u32);
            }
            other => out.push(other),
        }
    }
    out.push('"');
}

/// Whether a block string can stand for this text: its indentation, empty lines at its ends and control characters would
/// not survive. As `isPrintableAsBlockString` of graphql-js.
fn is_printable_as_block(text: &str) -> bool {
    if text.is_empty() {
        return true;
    }
    if text.chars().any(|char| matches!(char, '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}' | '\u{f}' | '\r')) {
        return false;
    }
    let blank = |line: &str| line.bytes().all(|byte| matches!(byte, b' ' | b'\t'));
    let mut lines = text.split('\n');
    let (first, last) = (lines.next().unwrap_or(""), text.rsplit('\n').next().unwrap_or(""));
    if blank(first) || blank(last) {
        return false;
    }
    // The common indentation of all lines but the first is taken away, so there must be none.
    let mut rest = lines.filter(|line| !blank(line)).peekable();
    rest.peek().is_none() || !rest.all(|line| line.starts_with([' ', '\t']))
}

/// A block string; as `printBlockString` of graphql-js.
fn block(out: &mut String, indent: &str, text: &str) {
    let escaped = text.replace("\"\"\"", "\\\"\"\"");
    let lines: Vec<&str> = escaped.split('\n').collect();
    let single = lines.len() == 1;
    let own_line = !single && lines[1..].iter().all(|line| line.is_empty() || line.starts_with([' ', '\t']));
    let triple = escaped.ends_with("\\\"\"\"");
    let closing_line = (text.ends_with('"') && !triple) || text.ends_with('\\');
    let several = !single || text.chars().count() > 70 || closing_line || own_line || triple;
    let keep_first = single && text.starts_with([' ', '\t']);
    out.push_str("\"\"\"");
    if (several && !keep_first) || own_line {
        out.push('\n');
        out.push_str(indent);
    }
    for (at, line) in lines.iter().enumerate() {
        if at > 0 {
            out.push('\n');
            out.push_str(indent);
        }
        out.push_str(line);
    }
    if several || closing_line {
        out.push('\n');
        out.push_str(indent);
    }
    out.push_str("\"\"\"");
}
