//! What comes out of a call.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;

use futures::FutureExt;
use hiku::bridge::{AwaitletError, NoAwaitOccurred, async_def_send, awaitlet, inside, run, try_awaitlet};
use tokio::task::yield_now;

use super::{Strategy, for_each};

async fn one() -> i32 {
    1
}

async fn two() -> i32 {
    yield_now().await;
    2
}

/// A payload that only its type tells.
#[derive(Debug, PartialEq)]
struct Payload(i32);

fn payload<T>(ended: std::thread::Result<T>) -> Payload {
    *ended.err().expect("it panicked").downcast().expect("its own payload")
}

#[test]
fn c55_values_errors_and_panics_arrive_unchanged() {
    for_each(async |strategy| {
        assert_eq!(strategy.call(|| awaitlet(one()) + awaitlet(two())).await, 3);

        let failing = || {
            let sum = awaitlet(one());
            let sum = sum + awaitlet(async { Err::<i32, _>("an error".to_owned()) })?;
            Ok::<_, String>(sum)
        };
        assert_eq!(strategy.call(failing).await, Err("an error".to_owned()));

        let of_the_future = strategy.call(|| {
            awaitlet(async {
                yield_now().await;
                resume_unwind(Box::new(Payload(1)))
            })
        });
        assert_eq!(payload(AssertUnwindSafe(of_the_future).catch_unwind().await), Payload(1));

        let of_the_code = strategy.call(|| {
            awaitlet(two());
            resume_unwind(Box::new(Payload(2)))
        });
        assert_eq!(payload(AssertUnwindSafe(of_the_code).catch_unwind().await), Payload(2));
    });
}

#[test]
fn c55_code_that_catches_a_panic_of_a_future_goes_on() {
    for_each(async |strategy| {
        let call = strategy.call(|| {
            let caught = catch_unwind(|| awaitlet(async { resume_unwind(Box::new(Payload(3))) }));
            (payload(caught), awaitlet(two()))
        });
        assert_eq!(call.await, (Payload(3), 2));
    });
}

#[test]
fn c55_a_panic_unwinds_the_code_that_waited() {
    for_each(async |strategy| {
        let here = Arc::new(());
        let there = here.clone();
        let call = strategy.call(move || {
            let _there = there;
            awaitlet(async { resume_unwind(Box::new(Payload(4))) })
        });
        assert_eq!(payload(AssertUnwindSafe(call).catch_unwind().await), Payload(4));
        assert_eq!(Arc::strong_count(&here), 1);
    });
}

#[test]
fn c56_outside_the_message_names_async_def_and_the_future_is_dropped() {
    let here = Arc::new(());
    let there = here.clone();
    let future = async move { drop(there) };
    assert_eq!(try_awaitlet(future), Err(AwaitletError::NoContext));
    assert_eq!(Arc::strong_count(&here), 1);

    let there = here.clone();
    let panic = catch_unwind(AssertUnwindSafe(|| awaitlet(async move { drop(there) }))).unwrap_err();
    let message = panic.downcast_ref::<String>().unwrap();
    for words in ["`awaitlet` outside `async_def`", "bridge::async_def(|| ..).await", "bridge::run(|| ..)", "`.await`"]
    {
        assert!(message.contains(words), "{message}");
    }
    assert_eq!(Arc::strong_count(&here), 1);
    assert!(!inside());
}

#[test]
fn c56_what_is_not_awaited_does_not_run() {
    for_each(async |strategy| {
        let here = Arc::new(());
        let there = here.clone();
        drop(strategy.call(move || {
            let _there = there;
            unreachable!("nobody awaits this");
        }));
        assert_eq!(Arc::strong_count(&here), 1);
    });
}

#[test]
fn c57_inside_an_awaited_future_is_outside() {
    for_each(async |strategy| {
        async fn deeper() -> Result<i32, AwaitletError> {
            yield_now().await;
            try_awaitlet(one())
        }
        let call = strategy.call(|| {
            let first = awaitlet(async { (inside(), deeper().await) });
            (first, inside(), awaitlet(one()))
        });
        assert_eq!(call.await, ((false, Err(AwaitletError::NoContext)), true, 1));
    });
}

#[test]
fn c57_a_call_in_an_awaited_future_works_and_fifty_levels_too() {
    fn level(strategy: Strategy, number: i32) -> i32 {
        match number {
            0 => awaitlet(two()),
            _ => awaitlet(strategy.call(move || level(strategy, number - 1))) + awaitlet(one()),
        }
    }
    for_each(async |strategy| assert_eq!(strategy.call(move || level(strategy, 50)).await, 52));
}

#[test]
fn c57_code_that_is_inside_already_runs_where_it_is() {
    for_each(async |strategy| {
        let call =
            strategy.call(|| run(|| (std::thread::current().id(), awaitlet(two()))).0 == std::thread::current().id());
        assert!(call.await);
    });
}

#[test]
fn c65_an_await_can_be_required() {
    for_each(async |strategy| {
        let (idle, busy) = (|| 1, || awaitlet(one()));
        let (idle, busy) = match strategy {
            Strategy::Thread => {
                let busy = async_def_send(busy).on_thread().require_await();
                (async_def_send(idle).on_thread().require_await().await, busy.await)
            }
            #[cfg(feature = "coroutines")]
            Strategy::Lane => (async_def_send(idle).require_await().await, async_def_send(busy).require_await().await),
            #[cfg(feature = "coroutines")]
            Strategy::Task => {
                use hiku::bridge::async_def;
                (async_def(idle).require_await().await, async_def(busy).require_await().await)
            }
        };
        assert_eq!((idle, busy), (Err(NoAwaitOccurred), Ok(1)));
    });
}

#[test]
fn deep_recursion_has_the_stack_that_it_asks_for() {
    #[inline(never)]
    fn down(levels: u64) -> u64 {
        let filled = std::hint::black_box([levels; 64]);
        if levels == 0 { awaitlet(async { 0 }) } else { down(levels - 1) + filled[7] - levels + 1 }
    }
    for_each(async |strategy| {
        let levels = match strategy {
            Strategy::Thread => async_def_send(|| down(8_000)).on_thread().stack_size(32 << 20).await,
            #[cfg(feature = "coroutines")]
            Strategy::Lane => async_def_send(|| down(8_000)).stack_size(32 << 20).await,
            #[cfg(feature = "coroutines")]
            Strategy::Task => hiku::bridge::async_def(|| down(8_000)).stack_size(32 << 20).await,
        };
        assert_eq!(levels, 8_000);
    });
}

#[test]
fn a_call_polled_after_its_end_panics() {
    for_each(async |strategy| {
        let mut call = strategy.call(|| ());
        (&mut call).await;
        let again = AssertUnwindSafe(call).catch_unwind().await;
        assert!(again.unwrap_err().downcast_ref::<&str>().unwrap().contains("polled after its end"));
    });
}
