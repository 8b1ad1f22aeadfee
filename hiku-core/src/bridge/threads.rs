//! A pool of threads, each for one call at a time.

use std::cell::Cell;
use std::collections::VecDeque;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::Builder;
use std::time::Duration;

pub(super) type Job = Box<dyn FnOnce() + Send>;

/// How many threads there are at most, without those of nested calls.
const MOST: usize = 512;
/// How long a thread waits for its next call.
const IDLE: Duration = Duration::from_secs(10);

struct Pool {
    state: Mutex<State>,
    more: Condvar,
}

struct State {
    queue: VecDeque<Job>,
    threads: usize,
    /// How many of them wait.
    idle: usize,
}

static POOL: Pool =
    Pool { state: Mutex::new(State { queue: VecDeque::new(), threads: 0, idle: 0 }), more: Condvar::new() };

thread_local! {
    static POOLED: Cell<bool> = const { Cell::new(false) };
}

/// Run a job on a thread of the pool.
///
/// Called from a thread of the pool it never waits for another job to end, since that one may wait for this.
///
/// # Errors
/// If there is no thread for it, and none can be made.
pub(super) fn start(job: Job) -> io::Result<()> {
    let nested = POOLED.get();
    let mut state = POOL.state();
    // Those that are waking up have jobs in the queue already.
    if state.idle > state.queue.len() {
        state.queue.push_back(job);
        POOL.more.notify_one();
        return Ok(());
    }
    if state.threads >= MOST && !nested {
        state.queue.push_back(job);
        return Ok(());
    }
    state.threads += 1;
    drop(state);
    let made = Builder::new().name("hiku-bridge".to_owned()).spawn(|| work(job));
    made.map(drop).inspect_err(|_| POOL.state().threads -= 1)
}

/// Run a job on a thread with a stack of `size` bytes, which is not kept.
///
/// # Errors
/// If the thread cannot be made.
pub(super) fn start_alone(size: usize, job: Job) -> io::Result<()> {
    let thread = Builder::new().name("hiku-bridge".to_owned()).stack_size(size);
    let made = thread.spawn(|| {
        POOLED.set(true);
        finish(job);
    });
    made.map(drop)
}

fn work(first: Job) {
    POOLED.set(true);
    let mut job = Some(first);
    while let Some(next) = job {
        finish(next);
        job = POOL.next();
    }
}

/// What panics here is no part of the call, but of values that nobody waits for any more.
fn finish(job: Job) {
    let _ = catch_unwind(AssertUnwindSafe(job));
}

impl Pool {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// None if the thread is no longer needed.
    fn next(&self) -> Option<Job> {
        let mut state = self.state();
        state.idle += 1;
        let waited = self.more.wait_timeout_while(state, IDLE, |state| state.queue.is_empty());
        state = waited.unwrap_or_else(PoisonError::into_inner).0;
        state.idle -= 1;
        let job = state.queue.pop_front();
        if job.is_none() {
            state.threads -= 1;
        }
        job
    }
}
