//! Values as messages show them.

use std::fmt::Write;

use apollo_compiler::Node;
use apollo_compiler::ast::Value;

use super::super::expand::start;

/// A value in the language again, without what is ignored.
pub(super) fn printed(value: &Node<Value>, text: &str) -> String {
    let mut out = String::new();
    print(value, text, &mut out);
    out
}

fn print(value: &Node<Value>, text: &str, out: &mut String) {
    match &**value {
        Value::Null => out.push_str("null"),
        Value::Boolean(true) => out.push_str("true"),
        Value::Boolean(false) => out.push_str("false"),
        Value::Enum(name) => out.push_str(name),
        Value::Variable(name) => {
            out.push('$');
            out.push_str(name);
        }
        Value::Int(int) => out.push_str(int.as_str()),
        Value::Float(float) => out.push_str(float.as_str()),
        Value::String(of) if is_block(value, text) => print_block(of, out),
        Value::String(of) => print_string(of, out),
        Value::List(items) => {
            out.push('[');
            for (at, item) in items.iter().enumerate() {
                out.push_str(if at > 0 { ", " } else { "" });
                print(item, text, out);
            }
            out.push(']');
        }
        Value::Object(entries) => {
            out.push('{');
            for (at, (name, value)) in entries.iter().enumerate() {
                out.push_str(if at > 0 { ", " } else { "" });
                out.push_str(name);
                out.push_str(": ");
                print(value, text, out);
            }
            out.push('}');
        }
    }
}

/// Whether a string was written as a block.
pub(super) fn is_block(value: &Node<Value>, text: &str) -> bool {
    text.get(start(value)..).is_some_and(|text| text.starts_with("\"\"\""))
}

fn print_string(of: &str, out: &mut String) {
    out.push('"');
    for letter in of.chars() {
        match letter {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\u{8}' => out.push_str("\\b"),
            '\t' => out.push_str("\\t"),
            '\n' => out.push_str("\\n"),
            '\u{c}' => out.push_str("\\f"),
            '\r' => out.push_str("\\r"),
            letter if letter.is_control() => {
                let _ = write!(out, "\\u{:04X}", u32::from(letter));
            }
            letter => out.push(letter),
        }
    }
    out.push('"');
}

fn print_block(of: &str, out: &mut String) {
    let is_space = |letter: char| matches!(letter, ' ' | '\t');
    let escaped = of.replace("\"\"\"", "\\\"\"\"");
    let lines = || escaped.split('\n').flat_map(|line| line.split('\r'));
    let one_line = lines().count() == 1;
    let indented = !one_line && lines().skip(1).all(|line| line.is_empty() || line.starts_with(is_space));
    let quotes = escaped.ends_with("\\\"\"\"");
    let ends = (of.ends_with('"') && !quotes) || of.ends_with('\\');
    let apart = !one_line || of.encode_utf16().count() > 70 || ends || indented || quotes;
    out.push_str("\"\"\"");
    if (apart && !(one_line && of.starts_with(is_space))) || indented {
        out.push('\n');
    }
    out.push_str(&escaped);
    if apart || ends {
        out.push('\n');
    }
    out.push_str("\"\"\"");
}
