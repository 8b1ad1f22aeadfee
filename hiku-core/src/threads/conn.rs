//! A connection of a blocking driver, on a thread of its own.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use super::line::{Line, Server};
use super::reply::{After, Deliver, Reply};
use super::ticket::Interrupt;
use crate::error::{Error, Result};

/// The connection was closed before it was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConnectionClosed;

impl std::fmt::Display for ConnectionClosed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the connection is closed")
    }
}

impl std::error::Error for ConnectionClosed {}

type Ask<C> = Box<dyn FnOnce(&mut C) + Send>;

/// An explicit connection: one thread, on which it is made, used and dropped. Cheap to clone; clones are one connection.
///
/// What is asked is answered in turn. When the last one is dropped, the thread ends as soon as it has answered;
/// [`close`](Self::close) waits for that.
pub struct ThreadConn<C: 'static>(Arc<Owner<C>>);

struct Owner<C: 'static>(Arc<Line<Ask<C>>>);

impl<C> Drop for Owner<C> {
    fn drop(&mut self) {
        self.0.shut();
    }
}

impl<C> Clone for ThreadConn<C> {
    fn clone(&self) -> Self {
        ThreadConn(self.0.clone())
    }
}

impl<C> std::fmt::Debug for ThreadConn<C> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(if self.is_closed() { "ThreadConn(closed)" } else { "ThreadConn(open)" })
    }
}

impl<C> ThreadConn<C> {
    /// Start a thread, and connect on it.
    ///
    /// # Errors
    /// What `connect` says, or that there is no thread; none is left then.
    ///
    /// # Cancellation
    /// Dropping the reply closes what was connected meanwhile.
    pub fn connect<E>(connect: impl FnOnce() -> Result<C, E> + Send + 'static) -> Reply<Self, Error>
    where
        E: Into<Error>,
    {
        ThreadConn::start(move || Ok((connect().map_err(Into::into)?, None)))
    }

    /// As [`connect`](Self::connect), with a way to stop what the connection does: where a reply is dropped whose closure runs,
    /// what `interrupt` made is called on another thread, and after a while again, until the closure has returned. Nothing else is
    /// asked while it is called, so what has its effect by then never meets another. Cancelling in the crate postgres does not
    /// wait for the server: there, a late one can.
    ///
    /// # Errors
    /// As `connect`.
    ///
    /// # Cancellation
    /// As `connect`.
    pub fn connect_interruptible<E, I>(
        connect: impl FnOnce() -> Result<C, E> + Send + 'static,
        interrupt: impl FnOnce(&C) -> I + Send + 'static,
    ) -> Reply<Self, Error>
    where
        E: Into<Error>,
        I: Fn() + Send + Sync + 'static,
    {
        ThreadConn::start(move || {
            let connection = connect().map_err(Into::into)?;
            let interrupt: Interrupt = Arc::new(interrupt(&connection));
            Ok((connection, Some(interrupt)))
        })
    }

    fn start(connect: impl FnOnce() -> Result<(C, Option<Interrupt>)> + Send + 'static) -> Reply<Self, Error> {
        Reply::new(move |slot| {
            let line = Line::new();
            let deliver = Deliver::new(slot, || Ok(Err(Error::internal("no thread for a connection"))));
            let of = line.clone();
            line.spawn(move |mut server: Server<Ask<C>>| {
                let (mut connection, interrupt) = match catch_unwind(AssertUnwindSafe(connect)) {
                    Ok(Ok(connected)) => connected,
                    Ok(Err(error)) => return deliver.put(Ok(Err(error))),
                    Err(panic) => return deliver.put(Err(panic)),
                };
                // Where nobody waits for it any more, it is closed by being dropped.
                deliver.put(Ok(Ok(ThreadConn(Arc::new(Owner(of))))));
                while let Some(ticket) = server.next(true) {
                    if let Some(ask) = ticket.begin(interrupt.as_ref()) {
                        ask(&mut connection);
                        ticket.end();
                    }
                }
                // Before the thread counts as ended.
                drop(connection);
            });
            let finish = move |connected: bool| {
                if !connected {
                    line.join();
                }
            };
            After { finish: Some(Box::new(finish)), ..After::default() }
        })
    }

    /// Ask the connection: the closure runs on its thread.
    ///
    /// # Errors
    /// [`ConnectionClosed`].
    ///
    /// # Cancellation
    /// As [`Reply`] says.
    pub fn run<T: Send + 'static>(&self, work: impl FnOnce(&mut C) -> T + Send + 'static) -> Reply<T> {
        let owner = self.0.clone();
        Reply::new(move |slot| {
            let deliver = Deliver::new(slot, || Ok(Err(ConnectionClosed)));
            let ask = move |connection: &mut C| {
                let answer = catch_unwind(AssertUnwindSafe(|| work(connection)));
                deliver.put(answer.map(Ok));
            };
            let ticket = owner.0.ask(Box::new(ask), 1, || |_| {});
            After { cancel: ticket.map(|ticket| Box::new(move || ticket.cancel()) as _), finish: None }
        })
    }

    /// Close the connection, when it has answered what was asked before, and wait for its thread to end.
    ///
    /// # Errors
    /// [`ConnectionClosed`], if it was closed before.
    ///
    /// # Cancellation
    /// Once it was polled, it closes.
    pub fn close(&self) -> Reply<()> {
        self.0.0.clone().close()
    }

    /// Whether it was closed.
    pub fn is_closed(&self) -> bool {
        self.0.0.is_closed()
    }
}
