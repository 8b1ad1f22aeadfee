//! How long a statement is expected to run.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// What a statement costs however few keys it has: without it, many keys would be expected to take as long as one does, each.
const ONCE: Duration = Duration::from_micros(5);

/// How long a statement took for a key (or at all, if it has none) when it ran last: in nanoseconds and one more; 0 is unknown.
#[derive(Debug, Default)]
pub(in crate::sql) struct Pace(AtomicU64);

impl Pace {
    /// Nothing if it never ran.
    pub(super) fn expected(&self, keys: usize) -> Option<Duration> {
        let nanos = self.0.load(Ordering::Relaxed).checked_sub(1)?;
        Some(Duration::from_nanos(nanos.saturating_mul(keys.max(1) as u64)))
    }

    pub(super) fn measured(&self, keys: usize, took: Duration) {
        let nanos = u64::try_from(took.saturating_sub(ONCE).as_nanos()).unwrap_or(u64::MAX);
        self.0.store((nanos / keys.max(1) as u64).saturating_add(1), Ordering::Relaxed);
    }
}
