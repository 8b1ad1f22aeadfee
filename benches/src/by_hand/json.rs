//! JSON straight into one buffer.

pub struct Json(Vec<u8>);

impl Json {
    pub fn with_capacity(bytes: usize) -> Json {
        Json(Vec::with_capacity(bytes))
    }

    pub fn into_bytes(self) -> Vec<u8> {
        self.0
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// What was written between two lengths, once more.
    pub fn again(&mut self, written: (usize, usize)) {
        self.0.extend_from_within(written.0..written.1);
    }

    /// JSON as it stands.
    pub fn raw(&mut self, json: &str) {
        self.0.extend_from_slice(json.as_bytes());
    }

    pub fn int(&mut self, value: i64) {
        self.raw(itoa::Buffer::new().format(value));
    }

    pub fn text(&mut self, text: Option<&str>) {
        let Some(text) = text else { return self.raw("null") };
        let bytes = text.as_bytes();
        let mut start = 0;
        self.0.push(b'"');
        if is_clean(bytes) {
            self.0.extend_from_slice(bytes);
            self.0.push(b'"');
            return;
        }
        for (at, &byte) in bytes.iter().enumerate() {
            if !ESCAPED[byte as usize] {
                continue;
            }
            self.0.extend_from_slice(&bytes[start..at]);
            start = at + 1;
            match byte {
                b'"' => self.raw("\\\""),
                b'\\' => self.raw("\\\\"),
                _ => self.raw(&format!("\\u{byte:04x}")),
            }
        }
        self.0.extend_from_slice(&bytes[start..]);
        self.0.push(b'"');
    }

    pub fn list(&mut self, rows: impl IntoIterator<Item = usize>, mut write: impl FnMut(&mut Json, usize)) {
        self.0.push(b'[');
        let empty = self.0.len();
        for row in rows {
            if self.0.len() > empty {
                self.0.push(b',');
            }
            write(self, row);
        }
        self.0.push(b']');
    }
}

/// Sixteen bytes at a time, without branches, as far as there are sixteen.
fn is_clean(bytes: &[u8]) -> bool {
    let any = |any, &byte: &u8| any | (byte < b' ') | (byte == b'"') | (byte == b'\\');
    let (chunks, rest) = bytes.as_chunks::<16>();
    match bytes.last_chunk::<16>() {
        Some(last) => !chunks.iter().chain([last]).any(|chunk| chunk.iter().fold(false, any)),
        None => rest.iter().all(|&byte| !ESCAPED[byte as usize]),
    }
}

const ESCAPED: [bool; 256] = {
    let mut escaped = [false; 256];
    let mut control = 0;
    while control < 0x20 {
        escaped[control] = true;
        control += 1;
    }
    escaped[b'"' as usize] = true;
    escaped[b'\\' as usize] = true;
    escaped
};
