//! Connections of a blocking driver, made when they are needed.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use super::conn::ConnectionClosed;
use super::line::{Line, Server};
use super::reply::{After, Deliver, Reply};
use super::ticket::Interrupt;
use crate::error::{Error, Result, guarded};

/// What is asked: of a connection, or told why there is none. It calls the function when it is done with the connection, before
/// anybody gets the answer.
type Ask<C> = Box<dyn FnOnce(Result<&mut C>, &mut dyn FnMut()) + Send>;

/// What is made of a connection.
type Of<C, T> = Box<dyn Fn(&C) -> T + Send + Sync>;

/// Connections for whoever asks, each on a thread of its own; at most so many. Cheap to clone; clones are one pool.
///
/// They are made when nobody is idle, and stay until the pool is closed or dropped. A database that belongs to one connection,
/// as SQLite's in memory does, needs a pool of one.
pub struct ConnPool<C: 'static>(Arc<Owner<C>>);

struct Owner<C: 'static>(Arc<Pool<C>>);

struct Pool<C: 'static> {
    most: usize,
    line: Arc<Line<Ask<C>>>,
    connect: Box<dyn Fn() -> Result<C> + Send + Sync>,
    /// Whether a connection can be used again.
    is_usable: Option<Of<C, bool>>,
    interrupt: Option<Of<C, Interrupt>>,
}

impl<C> Drop for Owner<C> {
    fn drop(&mut self) {
        self.0.line.shut();
    }
}

impl<C> Clone for ConnPool<C> {
    fn clone(&self) -> Self {
        ConnPool(self.0.clone())
    }
}

impl<C> std::fmt::Debug for ConnPool<C> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ConnPool({} of {})", self.0.0.line.alive(), self.0.0.most)
    }
}

impl<C> ConnPool<C> {
    /// A pool of at most so many connections, at least one. Nothing is connected yet.
    ///
    /// `connect` makes one, and panics of its are errors of who asked.
    pub fn new<E: Into<Error>>(most: usize, connect: impl Fn() -> Result<C, E> + Send + Sync + 'static) -> Self {
        ConnPool(Arc::new(Owner(Arc::new(Pool {
            most: most.max(1),
            line: Line::new(),
            connect: Box::new(move || connect().map_err(Into::into)),
            is_usable: None,
            interrupt: None,
        }))))
    }

    /// A connection of which this says `false` is replaced before it is asked: one that is broken, or that somebody left in a
    /// transaction. It should ask the connection's own state, not the server.
    ///
    /// To be called before the first clone; later it changes nothing.
    #[must_use]
    pub fn check(mut self, is_usable: impl Fn(&C) -> bool + Send + Sync + 'static) -> Self {
        if let Some(pool) = self.settings() {
            pool.is_usable = Some(Box::new(is_usable));
        }
        self
    }

    /// A way to stop what a connection does, as of
    /// [`ThreadConn::connect_interruptible`](super::ThreadConn::connect_interruptible).
    ///
    /// To be called before the first clone; later it changes nothing.
    #[must_use]
    pub fn interrupt<I>(mut self, interrupt: impl Fn(&C) -> I + Send + Sync + 'static) -> Self
    where
        I: Fn() + Send + Sync + 'static,
    {
        if let Some(pool) = self.settings() {
            pool.interrupt = Some(Box::new(move |connection| Arc::new(interrupt(connection))));
        }
        self
    }

    fn settings(&mut self) -> Option<&mut Pool<C>> {
        Arc::get_mut(&mut Arc::get_mut(&mut self.0)?.0)
    }

    /// Ask a connection: the closure runs on its thread. Those that are asked one after the other may be different ones.
    ///
    /// # Errors
    /// What `connect` says, if it takes a new connection; [`ConnectionClosed`] inside an internal error, once the pool is closed.
    ///
    /// # Cancellation
    /// As [`Reply`] says.
    pub fn run<T: Send + 'static>(&self, work: impl FnOnce(&mut C) -> T + Send + 'static) -> Reply<T, Error> {
        let owner = self.0.clone();
        Reply::new(move |slot| {
            let pool = &owner.0;
            let deliver = Deliver::new(slot, || Ok(Err(ConnectionClosed.into())));
            let ask = move |connected: Result<&mut C>, done: &mut dyn FnMut()| {
                let answer = match connected {
                    Ok(connection) => catch_unwind(AssertUnwindSafe(|| work(connection))).map(Ok),
                    Err(error) => Ok(Err(error)),
                };
                done();
                deliver.put(answer);
            };
            let of = pool.clone();
            let ticket = pool.line.ask(Box::new(ask), pool.most, || move |server| of.serve(server));
            After { cancel: ticket.map(|ticket| Box::new(move || ticket.cancel()) as _), finish: None }
        })
    }

    /// Close the pool: what was asked before is answered, then the connections are dropped and their threads end, which this
    /// waits for.
    ///
    /// # Errors
    /// [`ConnectionClosed`], if it was closed before.
    ///
    /// # Cancellation
    /// Once it was polled, it closes.
    pub fn close(&self) -> Reply<()> {
        self.0.0.line.clone().close()
    }
}

impl<C> Pool<C> {
    fn serve(&self, mut server: Server<Ask<C>>) {
        let mut open: Option<(C, Option<Interrupt>)> = None;
        while let Some(ticket) = server.next(open.is_some()) {
            if let (Some((connection, _)), Some(is_usable)) = (&open, &self.is_usable)
                && !guarded("the check of a connection", || Ok(is_usable(connection))).unwrap_or(false)
            {
                open = None;
            }
            let connected = match &mut open {
                Some(connected) => Ok(connected),
                none => self.connect().map(|connected| none.insert(connected)),
            };
            let (connection, interrupt) = match connected {
                Ok((connection, interrupt)) => (Ok(connection), interrupt.as_ref()),
                Err(error) => (Err(error), None),
            };
            if let Some(ask) = ticket.begin(interrupt) {
                ask(connection, &mut || server.rest());
                ticket.end();
            }
        }
        // Before the thread counts as ended.
        drop(open);
    }

    fn connect(&self) -> Result<(C, Option<Interrupt>)> {
        guarded("the connecting function", || {
            let connection = (self.connect)()?;
            let interrupt = self.interrupt.as_ref().map(|interrupt| interrupt(&connection));
            Ok((connection, interrupt))
        })
    }
}
