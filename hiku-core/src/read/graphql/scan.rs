//! A pass over the tokens of a text before it is parsed: how many, how deep, and whether each is one.
//!
//! GraphQL specification, October 2021, section 2.1, and the `\u{…}` of September 2025. In the words of graphql-js, and with its
//! positions. How tokens stand together is the parser's to judge.

use std::borrow::Cow;

use super::super::Limits;

/// What is too much, and at which byte it becomes too much.
pub(super) struct Excess {
    pub(super) message: String,
    pub(super) offset: usize,
}

/// What is no token, and at which byte.
pub(super) struct NoToken {
    pub(super) message: String,
    pub(super) offset: usize,
}

/// A text for the parser.
pub(super) struct Scanned<'a> {
    /// The text up to what is wrong, with spaces in the place of other ignored bytes: the parser looks ahead past spaces only.
    pub(super) text: Cow<'a, str>,
    /// Where definitions start that have a description, and where that does.
    pub(super) described: Vec<(usize, usize)>,
    /// What is wrong first, if anything is.
    pub(super) wrong: Option<NoToken>,
}

/// Judges the tokens and counts them: one linear pass, no recursion.
///
/// Nesting is that of braces and brackets. What the parser does not know is done here too: it takes `(a b: 1)` for `(b: 1)`, and
/// has no descriptions of operations, fragments and variables (September 2025).
pub(super) fn scan<'a>(text: &'a str, limits: &Limits) -> Result<Scanned<'a>, Excess> {
    let bytes = text.as_bytes();
    let depth_limit = limits.depth.min(MAX_DEPTH);
    let mut blanks: Vec<(usize, usize)> = Vec::new();
    let mut described = Vec::new();
    let (mut at, mut tokens, mut ignored, mut depth) = (0, 0usize, 0usize, 0usize);
    // What is open, the token before, and what it waits for.
    let (mut open, mut before, mut awaits) = (Vec::new(), b'}', Awaits::Nothing);
    let mut wrong = None;
    while at < bytes.len() {
        let start = at;
        let byte = bytes[start];
        if matches!(byte, b' ' | b'\t' | b'\n' | b'\r') {
            at += 1;
            continue;
        }
        let end = token_end(text, start);
        let is_ignored = matches!(byte, b'#' | b',' | BOM_START);
        *(if is_ignored { &mut ignored } else { &mut tokens }) += 1;
        if tokens > limits.tokens {
            let message = format!("The query has more than {} tokens.", limits.tokens);
            return Err(Excess { message, offset: start });
        }
        if ignored > limits.tokens.saturating_mul(4) {
            let message = format!("The query has more than {} comments and commas.", limits.tokens.saturating_mul(4));
            return Err(Excess { message, offset: start });
        }
        match end {
            Ok(end) => at = end,
            Err(what) => {
                wrong = Some(what);
                break;
            }
        }
        if is_ignored {
            blanks.push((start, at));
            continue;
        }
        match std::mem::replace(&mut awaits, Awaits::Nothing) {
            Awaits::Colon if byte != b':' => {
                let message = format!("Expected \":\", found {}.", token(&text[start..at]));
                (wrong, at) = (Some(NoToken { message, offset: start }), start);
                break;
            }
            Awaits::Variable(from, to) if byte == b'$' => {
                blanks.push((from, to));
                described.push((start, from));
            }
            Awaits::Definition(from, to)
                if matches!(&text[start..at], "query" | "mutation" | "subscription" | "fragment") =>
            {
                blanks.push((from, to));
                described.push((start, from));
            }
            _ => {}
        }
        match byte {
            b'{' | b'[' | b'(' => {
                depth += usize::from(byte != b'(');
                if depth > depth_limit {
                    let message = format!("The query nests more than {depth_limit} levels deep.");
                    return Err(Excess { message, offset: start });
                }
                // A brace within parentheses opens a value.
                let in_value = open.last().is_some_and(|&around| around != b'{');
                open.push(if byte == b'{' && in_value { VALUE } else { byte });
            }
            b'}' | b']' | b')' => {
                depth -= usize::from(open.pop().is_some_and(|opened| opened != b'('));
            }
            b'"' if open.is_empty() && before == b'}' => awaits = Awaits::Definition(start, at),
            b'"' if open == [b'('] && before != b'=' => awaits = Awaits::Variable(start, at),
            b'_' | b'a'..=b'z' | b'A'..=b'Z'
                if matches!(open.last(), Some(&(b'(' | VALUE))) && !matches!(before, b':' | b'$' | b'@' | b'=') =>
            {
                awaits = Awaits::Colon;
            }
            _ => {}
        }
        before = byte;
    }
    blanks.sort_unstable();
    // What is no token can reach far: nothing of it is for the parser.
    Ok(Scanned { text: blanked(&text[..at], &blanks), described, wrong })
}

/// What the next token decides.
enum Awaits {
    Nothing,
    /// The name of an argument, or of a field of an input object.
    Colon,
    /// A string that describes an operation or fragment, if one follows.
    Definition(usize, usize),
    /// A string that describes a variable, if one follows.
    Variable(usize, usize),
}

/// An input object that is open.
const VALUE: u8 = b'v';

/// What the parser and the validation behind it bear: they recurse, and stop at 128 levels of fields themselves.
pub(super) const MAX_DEPTH: usize = 100;

/// The end of the token that starts at `at`, or of what is ignored.
fn token_end(text: &str, at: usize) -> Result<usize, NoToken> {
    let bytes = text.as_bytes();
    match bytes[at] {
        b',' => Ok(at + 1),
        b'#' => Ok(line_end(bytes, at)),
        BOM_START if bytes[at..].starts_with(BOM) => Ok(at + BOM.len()),
        b'"' => string_end(text, at),
        b'_' | b'a'..=b'z' | b'A'..=b'Z' => Ok(name_end(bytes, at)),
        b'-' | b'0'..=b'9' => number_end(text, at),
        b'.' if bytes[at..].starts_with(b"...") => Ok(at + 3),
        b'!' | b'$' | b'&' | b'(' | b')' | b':' | b'=' | b'@' | b'[' | b']' | b'{' | b'|' | b'}' => Ok(at + 1),
        b'\'' => {
            let message = "Unexpected single quote character ('), did you mean to use a double quote (\")?".into();
            Err(NoToken { message, offset: at })
        }
        _ => Err(NoToken { message: format!("Unexpected character: {}.", shown(text, at)), offset: at }),
    }
}

const BOM: &[u8] = "\u{feff}".as_bytes();
const BOM_START: u8 = BOM[0];

fn blanked<'a>(text: &'a str, blanks: &[(usize, usize)]) -> Cow<'a, str> {
    if blanks.is_empty() {
        return Cow::Borrowed(text);
    }
    let (mut out, mut from) = (String::with_capacity(text.len()), 0);
    for &(start, end) in blanks {
        out.push_str(&text[from..start]);
        out.extend(std::iter::repeat_n(' ', end - start));
        from = end;
    }
    out.push_str(&text[from..]);
    Cow::Owned(out)
}

/// The start of the token behind the one at `offset`, which is no string.
pub(super) fn token_after(blanked: &str, offset: usize) -> usize {
    let bytes = blanked.as_bytes();
    let end = if bytes[offset..].starts_with(b"...") { offset + 3 } else { name_end(bytes, offset).max(offset + 1) };
    run(bytes, end, |byte| byte.is_ascii_whitespace())
}

fn run(bytes: &[u8], from: usize, is_part: impl Fn(u8) -> bool) -> usize {
    let rest = bytes.get(from..).unwrap_or_default();
    rest.iter().position(|&byte| !is_part(byte)).map_or(bytes.len(), |len| from + len)
}

fn line_end(bytes: &[u8], from: usize) -> usize {
    run(bytes, from, |byte| !matches!(byte, b'\n' | b'\r'))
}

fn name_end(bytes: &[u8], from: usize) -> usize {
    run(bytes, from, |byte| byte == b'_' || byte.is_ascii_alphanumeric())
}

/// The end of the number that starts at `from`.
fn number_end(text: &str, from: usize) -> Result<usize, NoToken> {
    let bytes = text.as_bytes();
    let is = |at: usize, wanted: &[u8]| bytes.get(at).is_some_and(|byte| wanted.contains(byte));
    let digits = |at: usize| match run(bytes, at, |byte| byte.is_ascii_digit()) {
        end if end == at => Err(no_digit(text, at)),
        end => Ok(end),
    };
    let mut at = from + usize::from(bytes[from] == b'-');
    if is(at, b"0") {
        at += 1;
        if bytes.get(at).is_some_and(u8::is_ascii_digit) {
            let message = format!("Invalid number, unexpected digit after 0: {}.", shown(text, at));
            return Err(NoToken { message, offset: at });
        }
    } else {
        at = digits(at)?;
    }
    if is(at, b".") {
        at = digits(at + 1)?;
    }
    if is(at, b"eE") {
        at += 1 + usize::from(is(at + 1, b"+-"));
        at = digits(at)?;
    }
    match bytes.get(at) {
        Some(b'.' | b'_' | b'a'..=b'z' | b'A'..=b'Z') => Err(no_digit(text, at)),
        _ => Ok(at),
    }
}

fn no_digit(text: &str, offset: usize) -> NoToken {
    NoToken { message: format!("Invalid number, expected digit but got: {}.", shown(text, offset)), offset }
}

/// The end of the string that starts at `from`.
fn string_end(text: &str, from: usize) -> Result<usize, NoToken> {
    let bytes = text.as_bytes();
    let unterminated = |offset| NoToken { message: "Unterminated string.".into(), offset };
    if bytes[from..].starts_with(b"\"\"\"") {
        let mut at = from + 3;
        while at < bytes.len() {
            if bytes[at..].starts_with(b"\\\"\"\"") {
                at += 4;
            } else if bytes[at..].starts_with(b"\"\"\"") {
                return Ok(at + 3);
            } else {
                at += 1;
            }
        }
        return Err(unterminated(at));
    }
    let mut at = from + 1;
    while at < bytes.len() {
        match bytes[at] {
            b'"' => return Ok(at + 1),
            b'\n' | b'\r' => break,
            b'\\' => at = escape_end(text, at)?,
            _ => at += 1,
        }
    }
    Err(unterminated(at))
}

/// The end of the escape sequence that starts at `from`.
fn escape_end(text: &str, from: usize) -> Result<usize, NoToken> {
    let rest = &text[from..];
    let refuse = |what: &str, length: usize| {
        let sequence: String = rest.chars().take(length).collect();
        NoToken { message: format!("Invalid {what} escape sequence: \"{sequence}\"."), offset: from }
    };
    match rest.as_bytes().get(1) {
        Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => Ok(from + 2),
        Some(b'u') if rest[2..].starts_with('{') => {
            // At most eight digits, as those of a code point with leading zeros.
            let body = &rest.as_bytes()[3..];
            let length = run(body, 0, |byte| byte.is_ascii_hexdigit()).min(9);
            let code = std::str::from_utf8(&body[..length]).ok().and_then(|hex| u32::from_str_radix(hex, 16).ok());
            match code.and_then(char::from_u32) {
                Some(_) if length <= 8 && body.get(length) == Some(&b'}') => Ok(from + 3 + length + 1),
                _ => Err(refuse("Unicode", 3 + length.min(8) + 1)),
            }
        }
        Some(b'u') => match hex16(rest, 2) {
            Some(0xd800..=0xdbff) => match hex16(rest, 8) {
                Some(0xdc00..=0xdfff) if rest[6..].starts_with("\\u") => Ok(from + 12),
                _ => Err(refuse("Unicode", 6)),
            },
            Some(0xdc00..=0xdfff) | None => Err(refuse("Unicode", 6)),
            Some(_) => Ok(from + 6),
        },
        _ => Err(refuse("character", 2)),
    }
}

/// Four hexadecimal digits.
fn hex16(text: &str, at: usize) -> Option<u32> {
    let digits = text.as_bytes().get(at..at + 4)?;
    if !digits.iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    u32::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
}

/// A token as messages call it.
fn token(text: &str) -> String {
    let kind = match text.as_bytes()[0] {
        b'"' => return format!("String {text}"),
        b'_' | b'a'..=b'z' | b'A'..=b'Z' => "Name ",
        b'-' | b'0'..=b'9' if text.contains(['.', 'e', 'E']) => "Float ",
        b'-' | b'0'..=b'9' => "Int ",
        _ => "",
    };
    format!("{kind}\"{text}\"")
}

/// The character at this byte: quoted if it can be printed, else by its number.
fn shown(text: &str, offset: usize) -> String {
    match text[offset..].chars().next() {
        None => "<EOF>".into(),
        Some('"') => "'\"'".into(),
        Some(letter @ ' '..='~') => format!("\"{letter}\""),
        Some(letter) => format!("U+{:04X}", u32::from(letter)),
    }
}
