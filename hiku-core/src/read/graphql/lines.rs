//! From bytes of a text to lines and columns.

use crate::query::Position;

/// Where the lines of a text start, and how many UTF-16 units stand before each block of it.
#[derive(Debug)]
pub(super) struct Lines {
    text: Box<str>,
    starts: Vec<u32>,
    /// The number of units that start before byte `at * BLOCK`.
    units: Vec<u32>,
    /// Where definitions start for the parser, and where their descriptions do, in order.
    described: Vec<(usize, usize)>,
}

const BLOCK: usize = 64;

impl Lines {
    /// Lines end as the GraphQL specification says: with `\n`, `\r\n` or `\r` (October 2021, 2.1.2).
    pub(super) fn new(text: &str) -> Self {
        let bytes = text.as_bytes();
        let (mut starts, mut units, mut count) = (vec![0], Vec::with_capacity(bytes.len() / BLOCK + 1), 0);
        for (at, &byte) in bytes.iter().enumerate() {
            if at % BLOCK == 0 {
                units.push(count);
            }
            count += units_of(byte);
            if byte == b'\n' || (byte == b'\r' && bytes.get(at + 1) != Some(&b'\n')) {
                starts.push(at as u32 + 1);
            }
        }
        units.push(count);
        Lines { text: text.into(), starts, units, described: Vec::new() }
    }

    /// With definitions that start at their descriptions.
    pub(super) fn described(self, described: Vec<(usize, usize)>) -> Self {
        Lines { described, ..self }
    }

    /// The line and column of a byte. Columns count as JavaScript does, and with it most of what shows them.
    pub(super) fn position(&self, offset: usize) -> Position {
        let described = self.described.binary_search_by_key(&offset, |(start, _)| *start);
        let offset = described.map_or(offset, |at| self.described[at].1).min(self.text.len());
        let line = self.starts.partition_point(|&start| start as usize <= offset);
        let start = self.starts[line - 1] as usize;
        Position { line: line as u32, column: self.units_before(offset) - self.units_before(start) + 1 }
    }

    fn units_before(&self, offset: usize) -> u32 {
        let block = offset / BLOCK;
        let rest = &self.text.as_bytes()[block * BLOCK..offset];
        // `units` has one entry per block, and one for the end.
        self.units[block.min(self.units.len() - 1)] + rest.iter().map(|&byte| units_of(byte)).sum::<u32>()
    }
}

/// How many units of UTF-16 start with this byte of UTF-8.
fn units_of(byte: u8) -> u32 {
    match byte {
        0b1000_0000..=0b1011_1111 => 0,
        0b1111_0000.. => 2,
        _ => 1,
    }
}
