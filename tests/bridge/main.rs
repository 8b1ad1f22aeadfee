//! The bridge: code in blocking style from everywhere, by every strategy. Numbers are those of the list of behaviours.

mod abort;
mod cancelling;
mod memory;
mod places;
mod values;

use std::pin::Pin;
use std::sync::{Arc, Mutex};

use futures::future::{Either, select};
use hiku::bridge::async_def_send;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::oneshot;

/// How a call is made.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Strategy {
    Thread,
    #[cfg(feature = "coroutines")]
    Lane,
    /// On a coroutine in the task that awaits it.
    #[cfg(feature = "coroutines")]
    Task,
}

const STRATEGIES: &[Strategy] = &[
    Strategy::Thread,
    #[cfg(feature = "coroutines")]
    Strategy::Lane,
    #[cfg(feature = "coroutines")]
    Strategy::Task,
];

type Called<T> = Pin<Box<dyn Future<Output = T>>>;

impl Strategy {
    fn call<T: Send + 'static>(self, f: impl FnOnce() -> T + Send + 'static) -> Called<T> {
        match self {
            Strategy::Thread => Box::pin(async_def_send(f).on_thread()),
            #[cfg(feature = "coroutines")]
            Strategy::Lane => Box::pin(async_def_send(f)),
            #[cfg(feature = "coroutines")]
            Strategy::Task => Box::pin(hiku::bridge::async_def(f)),
        }
    }
}

fn current_thread() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

fn multi_thread() -> Runtime {
    Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}

/// Run a test for each strategy.
fn for_each<F: Future<Output = ()>>(test: impl Fn(Strategy) -> F) {
    for strategy in STRATEGIES {
        println!("{strategy:?}");
        current_thread().block_on(test(*strategy));
    }
}

/// Drop a call as soon as what it awaits has been polled.
async fn cancel<T>(call: Called<T>, waits: oneshot::Receiver<()>) {
    match select(call, waits).await {
        Either::Left(_) => panic!("this call was to wait"),
        Either::Right((_, call)) => drop(call),
    }
}

/// What has happened, in order.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<String>>>);

impl Log {
    fn say(&self, what: impl Into<String>) {
        self.0.lock().unwrap().push(what.into());
    }

    fn said(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }

    fn on_drop(&self, what: &'static str) -> OnDrop<impl FnOnce() + Send + 'static> {
        let log = self.clone();
        on_drop(move || log.say(what))
    }
}

struct OnDrop<F: FnOnce()>(Option<F>);

impl<F: FnOnce()> Drop for OnDrop<F> {
    fn drop(&mut self) {
        (self.0.take().unwrap())();
    }
}

fn on_drop<F: FnOnce()>(f: F) -> OnDrop<F> {
    OnDrop(Some(f))
}
