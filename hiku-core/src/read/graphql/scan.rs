//! A pass over the bytes of a text before it is parsed: how many tokens, how deep. It judges nothing else.

use super::super::Limits;

/// What is too much, and at which byte it becomes too much.
pub(super) struct Excess {
    pub(super) message: String,
    pub(super) offset: usize,
}

/// Counts tokens and nesting: one linear pass, no recursion, no memory.
///
/// Nesting is that of braces and brackets. What is no token of GraphQL counts as one per byte: the parser has an error for each.
pub(super) fn scan(text: &str, limits: &Limits) -> Result<(), Excess> {
    let bytes = text.as_bytes();
    let depth_limit = limits.depth.min(MAX_DEPTH);
    let (mut at, mut tokens, mut ignored, mut depth) = (0, 0usize, 0usize, 0usize);
    while at < bytes.len() {
        let start = at;
        match bytes[at] {
            b' ' | b'\t' | b'\n' | b'\r' => {
                at += 1;
                continue;
            }
            b'#' => at = line_end(bytes, at),
            b',' => at += 1,
            b'"' => at = string_end(bytes, at),
            b'_' | b'a'..=b'z' | b'A'..=b'Z' => {
                at = run(bytes, at, |byte| byte == b'_' || byte.is_ascii_alphanumeric());
            }
            b'-' | b'0'..=b'9' => {
                at = run(bytes, at + 1, |byte| matches!(byte, b'0'..=b'9' | b'.' | b'e' | b'E' | b'+' | b'-'));
            }
            b'.' if bytes[at..].starts_with(b"...") => at += 3,
            b'{' | b'[' => {
                depth += 1;
                if depth > depth_limit {
                    let message = format!("The query nests more than {depth_limit} levels deep.");
                    return Err(Excess { message, offset: start });
                }
                at += 1;
            }
            b'}' | b']' => {
                depth = depth.saturating_sub(1);
                at += 1;
            }
            _ => at += 1,
        }
        if matches!(bytes[start], b'#' | b',') {
            ignored += 1;
        } else {
            tokens += 1;
        }
        if tokens > limits.tokens {
            let message = format!("The query has more than {} tokens.", limits.tokens);
            return Err(Excess { message, offset: start });
        }
        if ignored > limits.tokens.saturating_mul(4) {
            let message = format!("The query has more than {} comments and commas.", limits.tokens.saturating_mul(4));
            return Err(Excess { message, offset: start });
        }
    }
    Ok(())
}

/// What the parser and the validation behind it bear: they recurse, and stop at 128 levels of fields themselves.
pub(super) const MAX_DEPTH: usize = 100;

fn run(bytes: &[u8], from: usize, is_part: impl Fn(u8) -> bool) -> usize {
    bytes[from..].iter().position(|&byte| !is_part(byte)).map_or(bytes.len(), |len| from + len)
}

fn line_end(bytes: &[u8], from: usize) -> usize {
    run(bytes, from, |byte| !matches!(byte, b'\n' | b'\r'))
}

/// The end of the string that starts at `from`; an unterminated one ends with its line, a block string with the text.
fn string_end(bytes: &[u8], from: usize) -> usize {
    if bytes[from..].starts_with(b"\"\"\"") {
        let mut at = from + 3;
        while at < bytes.len() {
            if bytes[at..].starts_with(b"\\\"\"\"") {
                at += 4;
            } else if bytes[at..].starts_with(b"\"\"\"") {
                return at + 3;
            } else {
                at += 1;
            }
        }
        return at;
    }
    let mut at = from + 1;
    while at < bytes.len() {
        match bytes[at] {
            b'"' => return at + 1,
            b'\n' | b'\r' => return at,
            b'\\' => at = (at + 2).min(bytes.len()),
            _ => at += 1,
        }
    }
    at
}
