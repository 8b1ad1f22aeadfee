//! Times of all implementations of one query, side by side.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::alloc::{self, Allocations};
use crate::query::{Impl, Query};

/// How long an implementation runs before the next has its turn: short, so that what disturbs the machine disturbs all.
const SLICE: Duration = Duration::from_millis(2);

/// At least so many slices each, however slow they are.
const LEAST_SLICES: usize = 7;

#[derive(Clone, Copy)]
pub struct Measured {
    /// The median over the slices of the mean within a slice.
    pub time: Duration,
    pub allocations: Allocations,
}

/// One result per implementation that answers the query; `budget` is how long each may take.
pub async fn measure(impls: &[Arc<dyn Impl>], query: Query, budget: Duration) -> Vec<Option<Measured>> {
    let all = impls;
    let impls: Vec<&dyn Impl> = all.iter().map(|candidate| &**candidate).filter(|one| one.answers(query)).collect();
    let mut slices: Vec<Vec<Duration>> = vec![Vec::new(); impls.len()];
    let mut requests = Vec::new();
    for candidate in &impls {
        requests.push(requests_per_slice(*candidate, query).await);
    }
    let start = Instant::now();
    let budget = budget * impls.len() as u32;
    let mut round = 0;
    while round < LEAST_SLICES || start.elapsed() < budget {
        for turn in 0..impls.len() {
            // Each round begins with another one.
            let at = (round + turn) % impls.len();
            let begin = Instant::now();
            for _ in 0..requests[at] {
                std::hint::black_box(impls[at].run(query).await);
            }
            slices[at].push(begin.elapsed() / requests[at]);
        }
        round += 1;
    }
    let mut measured = Vec::new();
    for (candidate, mut slices) in impls.iter().zip(slices) {
        slices.sort_unstable();
        let mut allocations = Vec::new();
        for _ in 0..3 {
            allocations.push(alloc::of(candidate.run(query)).await);
        }
        allocations.sort_unstable_by_key(|counted| counted.calls);
        measured.push(Measured { time: slices[slices.len() / 2], allocations: allocations[1] });
    }
    let mut measured = measured.into_iter();
    all.iter().map(|candidate| if candidate.answers(query) { measured.next() } else { None }).collect()
}

/// Warms up: connections, prepared statements, plans.
async fn requests_per_slice(candidate: &dyn Impl, query: Query) -> u32 {
    let start = Instant::now();
    let mut done = 0;
    while done < 3 || start.elapsed() < 10 * SLICE {
        std::hint::black_box(candidate.run(query).await);
        done += 1;
    }
    let one = start.elapsed() / done;
    (SLICE.as_nanos() / one.as_nanos().max(1)).max(1) as u32
}
