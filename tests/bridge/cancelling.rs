//! What happens to a call whose future is dropped.

use std::future::pending;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use futures::FutureExt;
use hiku::bridge::{AwaitletError, awaitlet, try_awaitlet};
use tokio::sync::{mpsc, oneshot};

use super::{Log, cancel, for_each, on_drop};

#[test]
fn c58_what_is_awaited_is_dropped_first_then_values_in_reverse_order() {
    for_each(async |strategy| {
        let (log, (polled, waits), (over, is_over)) = (Log::default(), oneshot::channel(), oneshot::channel());
        let inside = log.clone();
        let call = strategy.call(move || {
            let _last = on_drop(move || over.send(()).unwrap());
            let _first = inside.on_drop("first value");
            let _second = inside.on_drop("second value");
            let held = inside.on_drop("future");
            awaitlet(async move {
                let _held = held;
                polled.send(()).unwrap();
                pending::<()>().await;
            });
            inside.say("after the await");
        });
        cancel(call, waits).await;
        is_over.await.unwrap();
        assert_eq!(log.said(), ["future", "second value", "first value"]);
    });
}

#[test]
fn c59_code_that_catches_the_cancellation_gets_it_again_at_every_await() {
    for_each(async |strategy| {
        let ((polled, waits), (caught, mut catches)) = (oneshot::channel(), mpsc::unbounded_channel());
        let call = strategy.call(move || {
            let first = catch_unwind(AssertUnwindSafe(|| {
                awaitlet(async {
                    polled.send(()).unwrap();
                    pending::<()>().await;
                });
            }));
            caught.send(first.is_err()).unwrap();
            for _ in 0..3 {
                // Ready or not: it is not polled.
                caught.send(catch_unwind(|| awaitlet(async { unreachable!() })).is_err()).unwrap();
                caught.send(try_awaitlet(async {}) == Err(AwaitletError::Cancelled)).unwrap();
            }
        });
        cancel(call, waits).await;
        let mut all = Vec::new();
        while let Some(one) = catches.recv().await {
            all.push(one);
        }
        assert_eq!(all, [true; 7]);
    });
}

#[test]
fn c59_a_drop_that_waits_is_told_of_the_cancellation() {
    for_each(async |strategy| {
        let ((polled, waits), (told, tells)) = (oneshot::channel(), oneshot::channel());
        let call = strategy.call(move || {
            let _value = on_drop(move || told.send(try_awaitlet(async {})).unwrap());
            awaitlet(async {
                polled.send(()).unwrap();
                pending::<()>().await;
            });
        });
        cancel(call, waits).await;
        assert_eq!(tells.await.unwrap(), Err(AwaitletError::Cancelled));
    });
}

#[test]
fn c59_a_drop_on_the_way_of_a_panic_does_not_wait() {
    for_each(async |strategy| {
        let (told, tells) = oneshot::channel();
        let call = strategy.call(move || {
            let caught = catch_unwind(AssertUnwindSafe(|| {
                let _value = on_drop(move || told.send(try_awaitlet(async {})).unwrap());
                resume_unwind(Box::new("on the way"));
            }));
            // It is over: waiting works again.
            (caught.is_err(), try_awaitlet(async { 1 }))
        });
        assert_eq!(call.await, (true, Ok(1)));
        assert_eq!(tells.await.unwrap(), Err(AwaitletError::Unwinding));
    });
}

#[test]
fn a_call_is_cancelled_on_the_way_of_a_panic() {
    for_each(async |strategy| {
        let (log, (polled, waits), (over, is_over)) = (Log::default(), oneshot::channel(), oneshot::channel());
        let inside = log.clone();
        let call = strategy.call(move || {
            let _last = on_drop(move || over.send(()).unwrap());
            let _value = inside.on_drop("value");
            awaitlet(async {
                polled.send(()).unwrap();
                pending::<()>().await;
            });
        });
        let outer = AssertUnwindSafe(async {
            let mut call = call;
            futures::future::select(&mut call, waits).await;
            resume_unwind(Box::new("outside"))
        });
        let ended: Result<(), _> = outer.catch_unwind().await;
        assert!(ended.is_err());
        is_over.await.unwrap();
        assert_eq!(log.said(), ["value"]);
    });
}
