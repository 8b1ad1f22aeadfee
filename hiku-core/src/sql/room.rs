//! How much room an answer is expected to need.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::session::Ask;
use crate::index::Column;

/// Columns of fewer rows grow as they are filled: expecting their sizes would cost more.
const LEAST_ROWS: usize = 16;

/// The most rows, and bytes of text in a column, that room is made for before they are there. Room that was made in vain is
/// never touched, so it is hardly more than addresses.
const MOST_ROWS: usize = 1 << 20;
const MOST_BYTES: usize = 16 << 20;

/// What a statement answered when it ran last. Columns that are made large enough are not moved while they grow, and can be made
/// in the heap of the thread that asks and drops them, before a driver blocks another.
#[derive(Debug, Default)]
pub(super) struct Room {
    keys: AtomicUsize,
    rows: AtomicUsize,
    /// Bytes of text in a row, of each column.
    bytes: OnceLock<Box<[AtomicUsize]>>,
}

impl Room {
    /// Columns for an answer, one for each that is asked for.
    pub(super) fn columns(ask: &Ask) -> Vec<Column> {
        let room = &ask.statement.room;
        let rows = room.expected_rows(ask);
        if rows < LEAST_ROWS {
            return ask.statement.answer().map(|(_, ty)| Column::new(ty)).collect();
        }
        let bytes = room.bytes.get().map_or(&[][..], |bytes| bytes);
        let bytes = bytes.iter().map(|bytes| bytes.load(Ordering::Relaxed)).chain(std::iter::repeat(0));
        let column = |((_, ty), bytes): ((&str, &'static _), usize)| {
            let mut column = Column::with_capacity(ty, rows);
            column.reserve_text(bytes.saturating_mul(rows).min(MOST_BYTES));
            column
        };
        ask.statement.answer().zip(bytes).map(column).collect()
    }

    /// As many for each key as the last time, and some more: a few should not move everything.
    fn expected_rows(&self, ask: &Ask) -> usize {
        let (keys, last) = (self.keys.load(Ordering::Relaxed), self.rows.load(Ordering::Relaxed));
        let asked = ask.keys().max(1);
        let expected = if asked == keys { last } else { last.saturating_mul(asked) / keys.max(1) };
        let most = ask
            .args
            .page
            .map_or(MOST_ROWS, |page| usize::try_from(page.limit).unwrap_or(0).saturating_mul(asked).min(MOST_ROWS));
        expected.saturating_add(expected / 8).min(most)
    }

    /// What was answered.
    pub(super) fn measured(ask: &Ask, columns: &[Column]) {
        let room = &ask.statement.room;
        let rows = columns.first().map_or(0, Column::len);
        room.keys.store(ask.keys().max(1), Ordering::Relaxed);
        room.rows.store(rows, Ordering::Relaxed);
        if rows < LEAST_ROWS {
            return;
        }
        let bytes = room.bytes.get_or_init(|| columns.iter().map(|_| AtomicUsize::default()).collect());
        for (bytes, column) in bytes.iter().zip(columns) {
            bytes.store(column.text_bytes().div_ceil(rows), Ordering::Relaxed);
        }
    }
}
