//! A bounded pool of threads for loaders that block.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::{Arc, Condvar, LazyLock, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::thread::Builder;
use std::time::Duration;

use super::reply::{Deliver, Slot};
use super::ticket::Ticket;
use crate::error::{Error, Result};

type Job = Box<dyn FnOnce() + Send>;

/// How long a thread waits for its next job.
const IDLE: Duration = Duration::from_secs(10);

/// How many threads there are at most where nobody said so, as in tokio.
const MOST: usize = 512;

/// A pool of threads in which loaders block: at most so many at once. Cheap to clone; clones are one pool.
///
/// Give it to an engine by [`EngineBuilder::threads`](crate::engine::EngineBuilder::threads). A loader that executes another
/// query over the same pool does not wait for a place in it: what it asks for blocking runs on its own thread, what it awaits
/// by blocking runs where tasks block without a pool. One that waits for *another thread* to execute a query can wait for ever,
/// if all places are taken by its like.
#[derive(Clone)]
pub struct Threads(Arc<Owner>);

/// The last one closes the pool; threads of its own end after the jobs they have.
struct Owner(Arc<Pool>);

struct Pool {
    most: usize,
    /// Threads of the user's: runs a job on one of them.
    given: Option<Box<dyn Fn(Job) + Send + Sync>>,
    state: Mutex<State>,
    more: Condvar,
}

#[derive(Default)]
struct State {
    queue: VecDeque<Ticket<Job>>,
    /// Threads that look for jobs.
    workers: usize,
    /// How many of them wait.
    idle: usize,
    /// How many jobs run, wherever they do.
    busy: usize,
    closed: bool,
}

thread_local! {
    /// The pools whose jobs this thread runs, by address.
    static INSIDE: RefCell<Vec<usize>> = const { RefCell::new(Vec::new()) };
}

impl Threads {
    /// A pool of at most so many threads, at least one. They are made when they are needed, and end when they are not.
    pub fn new(most: usize) -> Self {
        Threads::of(most, None)
    }

    /// Threads of yours: `spawn` runs what it is given on one of them, at most `most` at once. Your pool is not shut down.
    ///
    /// What is given to `spawn` returns when there is no more to do; if it is dropped instead, what it should have done fails.
    pub fn given(most: usize, spawn: impl Fn(Box<dyn FnOnce() + Send>) + Send + Sync + 'static) -> Self {
        Threads::of(most, Some(Box::new(spawn)))
    }

    fn of(most: usize, given: Option<Box<dyn Fn(Job) + Send + Sync>>) -> Self {
        let pool = Pool { most: most.max(1), given, state: Mutex::default(), more: Condvar::new() };
        Threads(Arc::new(Owner(Arc::new(pool))))
    }

    /// Whether this thread runs a job of this pool.
    fn inside(&self) -> bool {
        INSIDE.with_borrow(|inside| inside.contains(&self.0.0.id()))
    }

    /// Queue a job.
    fn submit(&self, job: Job) -> Ticket<Job> {
        let ticket = Ticket::new(job);
        let pool = &self.0.0;
        let mut state = pool.state();
        state.queue.push_back(ticket.clone());
        pool.wake(state);
        ticket
    }
}

impl Drop for Owner {
    fn drop(&mut self) {
        self.0.state().closed = true;
        self.0.more.notify_all();
    }
}

impl std::fmt::Debug for Threads {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Threads({} at most)", self.0.0.most)
    }
}

impl Pool {
    fn id(&self) -> usize {
        std::ptr::from_ref(self).addr()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// See to it that somebody looks at the queue.
    fn wake(self: &Arc<Self>, mut state: MutexGuard<'_, State>) {
        // Those that are waking up have jobs in the queue already.
        if state.idle >= state.queue.len() {
            self.more.notify_one();
            return;
        }
        if state.workers >= self.most {
            return;
        }
        state.workers += 1;
        drop(state);
        let worker = Worker { pool: self.clone(), left: false };
        let work: Job = Box::new(move || worker.work());
        match &self.given {
            Some(spawn) => spawn(work),
            None => {
                // What was not started is dropped, and with it the worker.
                if let Err(error) = Builder::new().name("hiku-loader".to_owned()).spawn(work) {
                    tracing::warn!(%error, "no thread for a loader");
                }
            }
        }
    }

    /// A place for one job, if there is one now.
    fn try_place(self: &Arc<Self>) -> Option<Place<'_>> {
        let mut state = self.state();
        // Whoever waits already comes first.
        if state.busy >= self.most || !state.queue.is_empty() {
            return None;
        }
        state.busy += 1;
        drop(state);
        Some(Place::new(self, true))
    }
}

/// This thread runs a job of a pool.
struct Inside;

impl Inside {
    fn enter(pool: usize) -> Inside {
        INSIDE.with_borrow_mut(|inside| inside.push(pool));
        Inside
    }
}

impl Drop for Inside {
    fn drop(&mut self) {
        INSIDE.with_borrow_mut(|inside| inside.pop());
    }
}

/// One of the pool's places, taken.
struct Place<'a> {
    pool: &'a Arc<Pool>,
    /// Whoever had it does not look at the queue next.
    leaves: bool,
    _inside: Inside,
}

impl<'a> Place<'a> {
    fn new(pool: &'a Arc<Pool>, leaves: bool) -> Self {
        Place { pool, leaves, _inside: Inside::enter(pool.id()) }
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let mut state = self.pool.state();
        state.busy -= 1;
        if self.leaves && !state.queue.is_empty() {
            self.pool.wake(state);
        }
    }
}

/// Looks for jobs, as long as it lives.
struct Worker {
    pool: Arc<Pool>,
    /// It does not count any more.
    left: bool,
}

impl Worker {
    fn work(mut self) {
        while let Some(ticket) = self.next() {
            let _place = Place::new(&self.pool, false);
            if let Some(job) = ticket.begin(None) {
                // What panics here is no part of the job, but of values that nobody waits for any more.
                let _ = catch_unwind(AssertUnwindSafe(job));
                ticket.end();
            }
        }
    }

    /// The next job, with a place for it; none if this thread is no longer needed.
    fn next(&mut self) -> Option<Ticket<Job>> {
        let mut state = self.pool.state();
        loop {
            if state.busy < self.pool.most
                && let Some(ticket) = state.queue.pop_front()
            {
                state.busy += 1;
                return Some(ticket);
            }
            if self.pool.given.is_some() || state.closed {
                break;
            }
            state.idle += 1;
            let (again, waited) = self.pool.more.wait_timeout(state, IDLE).unwrap_or_else(PoisonError::into_inner);
            state = again;
            state.idle -= 1;
            if waited.timed_out() && state.queue.is_empty() {
                break;
            }
        }
        // Under the lock: whoever queues a job next makes another thread.
        state.workers -= 1;
        self.left = true;
        None
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        if self.left {
            return;
        }
        // It never ran. If nobody else is there for what is queued, whoever waits for it is told so.
        let mut state = self.pool.state();
        state.workers -= 1;
        if state.workers == 0 && state.busy == 0 {
            let lost = std::mem::take(&mut state.queue);
            drop(state);
            lost.iter().for_each(Ticket::discard);
        }
    }
}

/// The jobs of one request, which go on while it does; what they answer comes in the order of their ends.
pub(crate) struct Crew<'a, T> {
    threads: &'a Threads,
    waiting: Vec<Job>,
    queued: VecDeque<Ticket<Job>>,
    answers: Arc<Answers<T>>,
    /// How many jobs have not answered.
    out: usize,
}

struct Answers<T> {
    ready: Mutex<VecDeque<T>>,
    more: Condvar,
}

impl<'a, T: Send + 'static> Crew<'a, T> {
    pub(crate) fn new(threads: &'a Threads) -> Self {
        let answers = Arc::new(Answers { ready: Mutex::default(), more: Condvar::new() });
        Crew { threads, waiting: Vec::new(), queued: VecDeque::new(), answers, out: 0 }
    }

    /// A job that starts with the next call of [`next`](Self::next). `lost` answers for one that never runs.
    pub(crate) fn push(&mut self, job: impl FnOnce() -> T + Send + 'static, lost: impl FnOnce() -> T + Send + 'static) {
        self.out += 1;
        let answer = Answer { answers: self.answers.clone(), lost: Some(lost) };
        self.waiting.push(Box::new(move || answer.put(job())));
    }

    /// An answer; none if no job is out.
    ///
    /// The caller helps where that takes nobody's place: it runs a job that is alone, and, if it is itself a job of this pool,
    /// whatever nobody has started yet. So a pool of one thread is enough for queries inside loaders.
    pub(crate) fn next(&mut self) -> Option<T> {
        if self.out == 0 {
            return None;
        }
        let inside = self.threads.inside();
        if self.out == 1
            && let Some(job) = self.waiting.pop()
        {
            let place = if inside { None } else { self.threads.0.0.try_place() };
            if inside || place.is_some() {
                job();
            } else {
                self.waiting.push(job);
            }
        }
        for job in self.waiting.drain(..) {
            self.queued.push_back(self.threads.submit(job));
        }
        self.out -= 1;
        loop {
            if let Some(answer) = self.answers.ready().pop_front() {
                return Some(answer);
            }
            // The last one first: the pool starts with the first.
            let mine = if inside { self.queued.pop_back() } else { None };
            let Some(ticket) = mine else { return Some(self.answers.wait()) };
            if let Some(job) = ticket.begin(None) {
                job();
                ticket.end();
            }
        }
    }
}

impl<T> Drop for Crew<'_, T> {
    /// After a panic of the engine's own, what was not started does not start.
    fn drop(&mut self) {
        self.queued.iter().for_each(Ticket::discard);
    }
}

impl<T> Answers<T> {
    fn ready(&self) -> MutexGuard<'_, VecDeque<T>> {
        self.ready.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn put(&self, answer: T) {
        self.ready().push_back(answer);
        self.more.notify_one();
    }

    fn wait(&self) -> T {
        let mut ready = self.ready();
        loop {
            if let Some(answer) = ready.pop_front() {
                return answer;
            }
            ready = self.more.wait(ready).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

/// Answers for a job, also for one that is dropped.
struct Answer<T, F: FnOnce() -> T> {
    answers: Arc<Answers<T>>,
    lost: Option<F>,
}

impl<T, F: FnOnce() -> T> Answer<T, F> {
    fn put(mut self, answer: T) {
        self.lost = None;
        self.answers.put(answer);
    }
}

impl<T, F: FnOnce() -> T> Drop for Answer<T, F> {
    fn drop(&mut self) {
        if let Some(lost) = self.lost.take() {
            self.answers.put(lost());
        }
    }
}

/// A job in a pool, awaited.
///
/// # Cancellation
/// Dropping it takes back a job that was not started; one that runs goes on to its end, and its answer is dropped.
pub(crate) struct Offloaded<T> {
    slot: Arc<Slot<Result<T>>>,
    ticket: Ticket<Job>,
}

impl<T> Future for Offloaded<T> {
    type Output = Result<T>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<T>> {
        self.slot.poll(context)
    }
}

impl<T> Drop for Offloaded<T> {
    fn drop(&mut self) {
        self.ticket.discard();
    }
}

/// Run something where it can block: in this pool, else on the threads that the runtime has for that, else on some of our own.
pub(crate) fn offload<T: Send + 'static>(
    threads: Option<&Threads>,
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Offloaded<T> {
    static SHARED: LazyLock<Threads> = LazyLock::new(|| Threads::new(MOST));
    let slot = Slot::new();
    let deliver = Deliver::new(slot.clone(), || Err(Error::internal("the threads for what blocks have ended")));
    // A job of the pool that waits for this would wait for its own place: this takes none, and may wait likewise.
    let around = threads.filter(|threads| threads.inside()).map(|threads| threads.0.0.id());
    let job: Job = Box::new(move || {
        let _inside = around.map(Inside::enter);
        deliver.put(work());
    });
    let ticket = match threads {
        Some(threads) if around.is_none() => threads.submit(job),
        _ => spawn_blocking(job).unwrap_or_else(|job| SHARED.submit(job)),
    };
    Offloaded { slot, ticket }
}

/// On a thread of tokio's, if this is a task of it.
#[cfg(any(feature = "sql", feature = "bridge"))]
fn spawn_blocking(job: Job) -> Result<Ticket<Job>, Job> {
    /// A runtime that shuts down drops what it has not started.
    struct Dropped(Ticket<Job>);
    impl Drop for Dropped {
        fn drop(&mut self) {
            self.0.discard();
        }
    }
    let Ok(runtime) = tokio::runtime::Handle::try_current() else { return Err(job) };
    let ticket = Ticket::new(job);
    let spawned = Dropped(ticket.clone());
    drop(runtime.spawn_blocking(move || {
        if let Some(job) = spawned.0.begin(None) {
            job();
            spawned.0.end();
        }
    }));
    Ok(ticket)
}

#[cfg(not(any(feature = "sql", feature = "bridge")))]
fn spawn_blocking(job: Job) -> Result<Ticket<Job>, Job> {
    Err(job)
}
