//! A growable set of bits: the validity of columns, the rows that are missing.

/// Bits by position.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Bits {
    words: Vec<u64>,
    len: usize,
}

impl Bits {
    /// `len` bits, all `value`.
    pub fn filled(len: usize, value: bool) -> Self {
        Bits { words: vec![if value { u64::MAX } else { 0 }; len.div_ceil(64)], len }
    }

    /// How many bits there are.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there is no bit at all.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Append one bit.
    pub fn push(&mut self, value: bool) {
        if self.len.is_multiple_of(64) {
            self.words.push(0);
        }
        self.len += 1;
        self.set(self.len - 1, value);
    }

    /// The bit at `at`.
    pub fn get(&self, at: usize) -> bool {
        debug_assert!(at < self.len);
        self.words[at / 64] >> (at % 64) & 1 == 1
    }

    /// Change the bit at `at`.
    pub fn set(&mut self, at: usize, value: bool) {
        let mask = 1 << (at % 64);
        if value {
            self.words[at / 64] |= mask;
        } else {
            self.words[at / 64] &= !mask;
        }
    }
}
