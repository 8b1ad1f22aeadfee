//! Who waits for connections, and the threads that have them.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, Builder, JoinHandle};

use super::conn::ConnectionClosed;
use super::reply::{After, Deliver, Reply};
use super::ticket::Ticket;

/// A queue of what is asked, each an `A`.
pub(super) struct Line<A> {
    state: Mutex<State<A>>,
    more: Condvar,
}

struct State<A> {
    queue: VecDeque<Ticket<A>>,
    closed: bool,
    /// How many threads serve it.
    alive: usize,
    /// How many of them have nothing to do.
    idle: usize,
    threads: Vec<JoinHandle<()>>,
    /// Whoever waits for the end of the last one.
    closing: Option<Box<dyn FnOnce() + Send>>,
}

/// A thread that serves the line, for as long as this lives on it.
pub(super) struct Server<A> {
    line: Arc<Line<A>>,
    /// It counts as idle, though it does not wait yet.
    rests: bool,
    /// It does not count any more.
    left: bool,
}

impl<A: Send + 'static> Line<A> {
    pub(super) fn new() -> Arc<Self> {
        let state =
            State { queue: VecDeque::new(), closed: false, alive: 0, idle: 0, threads: Vec::new(), closing: None };
        Arc::new(Line { state: Mutex::new(state), more: Condvar::new() })
    }

    /// A thread for it.
    pub(super) fn spawn(self: &Arc<Self>, serve: impl FnOnce(Server<A>) + Send + 'static) {
        self.state().alive += 1;
        self.start(serve);
    }

    /// As [`spawn`](Self::spawn), of one that counts already.
    fn start(self: &Arc<Self>, serve: impl FnOnce(Server<A>) + Send + 'static) {
        let server = Server { line: self.clone(), rests: false, left: false };
        match Builder::new().name("hiku-connection".to_owned()).spawn(move || serve(server)) {
            Ok(thread) => {
                let mut state = self.state();
                // Those that ended long ago need not be waited for.
                state.threads.retain(|thread| !thread.is_finished());
                state.threads.push(thread);
            }
            // What was not started is dropped, and whoever waits for it is told so.
            Err(error) => tracing::warn!(%error, "no thread for a connection"),
        }
    }

    /// Queue what is asked, and see to it that one of at most so many threads does it. Nothing if the line is closed.
    pub(super) fn ask<S: FnOnce(Server<A>) + Send + 'static>(
        self: &Arc<Self>,
        ask: A,
        most: usize,
        serve: impl FnOnce() -> S,
    ) -> Option<Ticket<A>> {
        let mut state = self.state();
        if state.closed {
            return None;
        }
        let ticket = Ticket::new(ask);
        state.queue.push_back(ticket.clone());
        // Those that are waking up have something in the queue already.
        if state.idle >= state.queue.len() || state.alive >= most {
            self.more.notify_one();
        } else {
            state.alive += 1;
            drop(state);
            self.start(serve());
        }
        Some(ticket)
    }

    /// Nobody is served any more who does not wait already.
    pub(super) fn shut(&self) {
        self.state().closed = true;
        self.more.notify_all();
    }

    /// As [`shut`](Self::shut), and wait for the threads to end.
    pub(super) fn close(self: Arc<Self>) -> Reply<()> {
        Reply::new(move |slot| {
            let deliver = Deliver::new(slot, || Ok(Err(ConnectionClosed)));
            let mut state = self.state();
            if std::mem::replace(&mut state.closed, true) {
                return After::default();
            }
            let closing = move || deliver.put(Ok(Ok(())));
            if state.alive == 0 {
                drop(state);
                closing();
            } else {
                state.closing = Some(Box::new(closing));
                drop(state);
                self.more.notify_all();
            }
            After { finish: Some(Box::new(move |_| self.join())), ..After::default() }
        })
    }
}

impl<A> Line<A> {
    fn state(&self) -> MutexGuard<'_, State<A>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn is_closed(&self) -> bool {
        self.state().closed
    }

    pub(super) fn alive(&self) -> usize {
        self.state().alive
    }

    /// Wait for threads that are about to end.
    pub(super) fn join(&self) {
        let threads = std::mem::take(&mut self.state().threads);
        for thread in threads {
            // Whoever asks from within does not wait for itself.
            if thread.thread().id() != thread::current().id() {
                // What panicked there went to whoever asked for it.
                let _ = thread.join();
            }
        }
    }
}

impl<A> Server<A> {
    /// Count as idle from here on: whoever gets the answer of this thread and asks again has no need of another.
    pub(super) fn rest(&mut self) {
        if !std::mem::replace(&mut self.rests, true) {
            self.line.state().idle += 1;
        }
    }

    /// What to do next; none when this thread is to end: when the line is closed and empty, or if there is nothing to `stay`
    /// for.
    pub(super) fn next(&mut self, stay: bool) -> Option<Ticket<A>> {
        let mut state = self.line.state();
        if std::mem::take(&mut self.rests) {
            state.idle -= 1;
        }
        loop {
            if let Some(ticket) = state.queue.pop_front() {
                return Some(ticket);
            }
            if state.closed {
                return None;
            }
            if !stay {
                // Under the lock: whoever asks next has another thread.
                state.alive -= 1;
                self.left = true;
                return None;
            }
            state.idle += 1;
            state = self.line.more.wait(state).unwrap_or_else(PoisonError::into_inner);
            state.idle -= 1;
        }
    }
}

impl<A> Drop for Server<A> {
    fn drop(&mut self) {
        if self.left {
            return;
        }
        let mut state = self.line.state();
        state.alive -= 1;
        state.idle -= usize::from(self.rests);
        if state.alive > 0 {
            return;
        }
        // Nobody is left for what is queued.
        let (lost, closing) = (std::mem::take(&mut state.queue), state.closing.take());
        drop(state);
        lost.iter().for_each(Ticket::discard);
        if let Some(closing) = closing {
            closing();
        }
    }
}
