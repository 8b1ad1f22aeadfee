//! The public schema of a graph in the schema definition language (GraphQL specification, October 2021, section 3).
//!
//! Laid out as graphql-js 16 prints schemas. Hidden members, nodes that no query reaches and the types that GraphQL has
//! built in are left out.

use std::fmt::Write;

use serde_json::{Number, Value as Json};

use crate::graph::{
    Arg, EnumDef, Graph, InputDef, Member, NodeId, NodeInfo, OneOf, RecordDef, ScalarDef, Source, TypeDef,
};
use crate::query::{InputType, coerce_value};

/// The public schema: the roots first, then the nodes in the order of the graph, then the scalars by name.
///
/// The same graph always gives the same text.
pub(crate) fn sdl(graph: &Graph) -> String {
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
    for ty in graph.types().values() {
        match ty {
            TypeDef::Scalar(scalar) if scalar.is_built_in() => {}
            TypeDef::Scalar(def) => scalar(&mut out, def),
            TypeDef::Enum(def) => enumeration(&mut out, def),
            TypeDef::Record(def) => record(&mut out, def()),
            TypeDef::Input(def) => input(&mut out, def()),
            TypeDef::List(_) | TypeDef::Nullable(_) => {}
        }
    }
    out
}

fn scalar(out: &mut String, scalar: &ScalarDef) {
    out.push('\n');
    describe(out, "", scalar.description);
    let _ = write!(out, "scalar {}", scalar.name);
    if let Some(url) = scalar.specified_by {
        out.push_str(" @specifiedBy(url: ");
        quoted(out, url);
        out.push(')');
    }
    out.push('\n');
}

fn enumeration(out: &mut String, def: &EnumDef) {
    out.push('\n');
    describe(out, "", def.description);
    let _ = writeln!(out, "enum {} {{", def.name);
    for (at, value) in def.values.iter().enumerate() {
        own_line(out, at, value.description);
        let _ = write!(out, "  {}", value.name);
        deprecated(out, value.deprecated);
        out.push('\n');
    }
    out.push_str("}\n");
}

fn record(out: &mut String, def: &RecordDef) {
    out.push('\n');
    describe(out, "", def.description);
    let _ = writeln!(out, "type {} {{", def.name);
    for (at, field) in def.fields.iter().enumerate() {
        own_line(out, at, field.description);
        let _ = write!(out, "  {}: {}", field.name, field.ty);
        deprecated(out, field.deprecated);
        out.push('\n');
    }
    out.push_str("}\n");
}

fn input(out: &mut String, def: &InputDef) {
    out.push('\n');
    describe(out, "", def.description);
    let _ = writeln!(out, "input {}{} {{", def.name, if def.one_of { " @oneOf" } else { "" });
    for (at, field) in def.fields.iter().enumerate() {
        own_line(out, at, field.description);
        let _ = write!(out, "  {}: {}", field.name, field.ty);
        if let Some(value) = field.default {
            default(out, field.ty, &value());
        }
        deprecated(out, field.deprecated);
        out.push('\n');
    }
    out.push_str("}\n");
}

/// The description of a member, behind an empty line unless it is the first.
fn own_line(out: &mut String, at: usize, description: Option<&str>) {
    if description.is_some() && at > 0 {
        out.push('\n');
    }
    describe(out, "  ", description);
}

fn node(out: &mut String, graph: &Graph, node: &NodeInfo) {
    describe(out, "", node.description.as_deref());
    let name = |&id: &NodeId| graph.node(id).name.as_str();
    let mut implements: Vec<&str> = Vec::new();
    match &node.source {
        Source::OneOf(OneOf { interface: false, nodes, .. }) => {
            let nodes: Vec<&str> = nodes.iter().map(name).collect();
            let _ = writeln!(out, "union {} = {}", node.name, nodes.join(" | "));
            return;
        }
        Source::OneOf(interface) => {
            let _ = write!(out, "interface {}", node.name);
            implements.extend(interface.implements.iter().map(name));
        }
        _ => {
            let _ = write!(out, "type {}", node.name);
            let is_interface = |&&id: &&NodeId| matches!(&graph.node(id).source, Source::OneOf(one) if one.interface);
            implements.extend(node.one_of.iter().filter(is_interface).map(name));
        }
    }
    if !implements.is_empty() {
        let _ = write!(out, " implements {}", implements.join(" & "));
    }
    out.push_str(" {\n");
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
                let _ = write!(out, ": {}", link.cardinality.of(&graph.node(link.target).name));
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
        if let Some(value) = &arg.default {
            default(out, arg.ty, value);
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

/// A default, with those of the fields in it: what an argument is when it is not given.
fn default(out: &mut String, ty: &TypeDef, value: &Json) {
    out.push_str(" = ");
    match coerce_value(&InputType::of(ty), value) {
        Ok(value) => literal(out, ty.leaf(), &value),
        // The graph is refused for it.
        Err(_) => literal(out, ty.leaf(), value),
    }
}

/// A value of this type, or a list of such, as graphql-js writes it. The key of an object that is no name makes the whole
/// object a string of JSON: GraphQL has no way to write it.
fn literal(out: &mut String, ty: &TypeDef, value: &Json) {
    match value {
        Json::String(name) if matches!(ty, TypeDef::Enum(_)) => out.push_str(name),
        Json::String(id) if ty.name() == "ID" && is_integer(id) => out.push_str(id),
        Json::Null => out.push_str("null"),
        Json::Bool(value) => {
            let _ = write!(out, "{value}");
        }
        Json::Number(value) => number(out, value),
        Json::String(value) => quoted(out, value),
        Json::Array(items) => {
            out.push('[');
            for (at, item) in items.iter().enumerate() {
                out.push_str(if at > 0 { ", " } else { "" });
                literal(out, ty, item);
            }
            out.push(']');
        }
        Json::Object(entries) if entries.keys().all(|key| is_name(key)) => {
            out.push('{');
            for (at, (key, value)) in entries.iter().enumerate() {
                let _ = write!(out, "{}{key}: ", if at > 0 { ", " } else { "" });
                let field = match ty {
                    TypeDef::Input(def) => def().fields.iter().find(|field| field.name == key).map(|field| field.ty),
                    _ => None,
                };
                literal(out, field.unwrap_or(ty).leaf(), value);
            }
            out.push('}');
        }
        Json::Object(_) => quoted(out, &value.to_string()),
    }
}

/// A number as JavaScript writes it: `1` for `1.0`, and an exponent only where it is far from one.
fn number(out: &mut String, value: &Number) {
    let _ = match value.as_f64() {
        Some(float) if value.is_f64() => match float.abs() {
            size if size >= 1e21 => write!(out, "{}", format!("{float:e}").replace('e', "e+")),
            size if size < 1e-6 && size > 0.0 => write!(out, "{float:e}"),
            // Zero has no sign there.
            _ => write!(out, "{}", float + 0.0),
        },
        _ => write!(out, "{value}"),
    };
}

/// Whether a text is an integer of GraphQL: an ID can be written as one.
fn is_integer(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    !digits.is_empty()
        && digits.bytes().all(|byte| byte.is_ascii_digit())
        && (digits == "0" || !digits.starts_with('0'))
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
