//! Strings as JSON: the one piece of a language that plans (keys of responses), statements (lists of keys),
//! introspection and writers share.

/// 0: as it is; `u`: as `\u00XX`; else the letter behind the backslash. RFC 8259, section 7.
static ESCAPES: [u8; 256] = {
    let mut table = [0; 256];
    let mut at = 0;
    while at < 0x20 {
        table[at] = b'u';
        at += 1;
    }
    table[b'\n' as usize] = b'n';
    table[b'\r' as usize] = b'r';
    table[b'\t' as usize] = b't';
    table[0x08] = b'b';
    table[0x0c] = b'f';
    table[b'"' as usize] = b'"';
    table[b'\\' as usize] = b'\\';
    table
};

/// Whether any of sixteen bytes needs an escape: less than a space, a quote, or a backslash. Without branches, so that it
/// becomes a few instructions on all of them.
#[inline]
fn any_escape(bytes: &[u8; 16]) -> bool {
    bytes.iter().fold(false, |any, &byte| any | (byte < b' ') | (byte == b'"') | (byte == b'\\'))
}

/// Whether a text is written as it stands.
fn is_clean(bytes: &[u8]) -> bool {
    match bytes.last_chunk() {
        // The last ones overlap those before.
        Some(last) => !any_escape(last) && !bytes.as_chunks().0.iter().any(any_escape),
        None => bytes.iter().all(|&byte| ESCAPES[byte as usize] == 0),
    }
}

/// Append `text` in quotes.
pub(crate) fn escape(out: &mut Vec<u8>, text: &str) {
    out.push(b'"');
    escape_open(out, text.as_bytes());
}

/// Append a text whose quote was opened, and close it. UTF-8.
pub(crate) fn escape_open(out: &mut Vec<u8>, bytes: &[u8]) {
    if is_clean(bytes) {
        out.extend_from_slice(bytes);
    } else {
        escape_parts(out, bytes);
    }
    out.push(b'"');
}

#[cold]
fn escape_parts(out: &mut Vec<u8>, bytes: &[u8]) {
    let (parts, rest) = bytes.as_chunks();
    for part in parts {
        if any_escape(part) {
            escape_each(out, part);
        } else {
            out.extend_from_slice(part);
        }
    }
    escape_each(out, rest);
}

fn escape_each(out: &mut Vec<u8>, bytes: &[u8]) {
    let mut start = 0;
    for (at, &byte) in bytes.iter().enumerate() {
        let escape = ESCAPES[byte as usize];
        if escape == 0 {
            continue;
        }
        out.extend_from_slice(&bytes[start..at]);
        start = at + 1;
        if escape == b'u' {
            const HEX: &[u8; 16] = b"0123456789abcdef";
            out.extend_from_slice(b"\\u00");
            out.push(HEX[usize::from(byte >> 4)]);
            out.push(HEX[usize::from(byte & 15)]);
        } else {
            out.extend_from_slice(&[b'\\', escape]);
        }
    }
    out.extend_from_slice(&bytes[start..]);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_is_escaped_as_serde_json_does_at_every_place() {
        for code in (0..=0x10_FFFF)
            .filter_map(char::from_u32)
            .filter(|c| (*c as u32) < 0x800 || (*c as u32).is_multiple_of(997))
        {
            for before in 0..17 {
                let text = format!("{}{code}tail of more than sixteen", "a".repeat(before));
                let mut out = Vec::new();
                escape(&mut out, &text);
                assert_eq!(String::from_utf8(out).unwrap(), serde_json::to_string(&text).unwrap());
            }
        }
    }
}
