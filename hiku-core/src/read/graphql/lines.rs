//! From bytes of a text to lines and columns.

use crate::query::Position;

/// Where the lines of a text start, and how many characters stand before each block of it.
#[derive(Debug)]
pub(super) struct Lines {
    text: Box<str>,
    starts: Vec<u32>,
    /// The number of characters that start before byte `at * BLOCK`.
    chars: Vec<u32>,
}

const BLOCK: usize = 64;

impl Lines {
    /// Lines end as the GraphQL specification says: with `\n`, `\r\n` or `\r` (October 2021, 2.1.2).
    pub(super) fn new(text: &str) -> Self {
        let bytes = text.as_bytes();
        let (mut starts, mut chars, mut count) = (vec![0], Vec::with_capacity(bytes.len() / BLOCK + 1), 0);
        for (at, &byte) in bytes.iter().enumerate() {
            if at % BLOCK == 0 {
                chars.push(count);
            }
            count += u32::from(starts_char(byte));
            if byte == b'\n' || (byte == b'\r' && bytes.get(at + 1) != Some(&b'\n')) {
                starts.push(at as u32 + 1);
            }
        }
        chars.push(count);
        Lines { text: text.into(), starts, chars }
    }

    /// The line and column of a byte.
    pub(super) fn position(&self, offset: usize) -> Position {
        let offset = offset.min(self.text.len());
        let line = self.starts.partition_point(|&start| start as usize <= offset);
        let start = self.starts[line - 1] as usize;
        Position { line: line as u32, column: self.chars_before(offset) - self.chars_before(start) + 1 }
    }

    fn chars_before(&self, offset: usize) -> u32 {
        let block = offset / BLOCK;
        let rest = &self.text.as_bytes()[block * BLOCK..offset];
        // `chars` has one entry per block, and one for the end.
        self.chars[block.min(self.chars.len() - 1)] + rest.iter().filter(|&&byte| starts_char(byte)).count() as u32
    }
}

fn starts_char(byte: u8) -> bool {
    byte & 0b1100_0000 != 0b1000_0000
}
