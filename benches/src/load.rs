//! Requests at once: how many are answered in a second.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::query::{Impl, Query};

/// What is asked under load.
pub const QUERIES: [Query; 2] = [Query::OneToMany, Query::ThreeLevels];

const AT_ONCE: usize = 16;

/// Turns of each implementation; the middle one counts.
const TURNS: usize = 5;

/// Requests per second by implementation; `turn` is how long each runs before the next.
pub async fn measure(impls: &[Arc<dyn Impl>], query: Query, turn: Duration) -> Vec<Option<f64>> {
    let mut rates = vec![Vec::new(); impls.len()];
    for round in 0..TURNS {
        for at in 0..impls.len() {
            // Each round begins with another one.
            let at = (round + at) % impls.len();
            if impls[at].answers(query) {
                if round == 0 {
                    rate(&impls[at], query, turn / 4).await;
                }
                rates[at].push(rate(&impls[at], query, turn).await);
            }
        }
    }
    let median = |mut rates: Vec<f64>| {
        rates.sort_unstable_by(f64::total_cmp);
        rates.get(rates.len() / 2).copied()
    };
    rates.into_iter().map(median).collect()
}

async fn rate(candidate: &Arc<dyn Impl>, query: Query, turn: Duration) -> f64 {
    let start = Instant::now();
    let client = |candidate: Arc<dyn Impl>| async move {
        let mut done = 0;
        while done == 0 || start.elapsed() < turn {
            std::hint::black_box(candidate.run(query).await);
            done += 1;
        }
        done
    };
    let clients: Vec<_> = (0..AT_ONCE).map(|_| tokio::spawn(client(candidate.clone()))).collect();
    let mut done = 0;
    for client in clients {
        done += client.await.unwrap();
    }
    f64::from(done) / start.elapsed().as_secs_f64()
}
