//! What calls keep. Where the memory of a process is looked at, the test runs itself again as a process of its own.

use std::collections::HashSet;
use std::thread;

use hiku::bridge::{async_def_send, awaitlet};
use tokio::sync::oneshot;

use super::{current_thread, on_drop};

/// Run the test of this name in a process where nothing else is. True there.
fn alone(name: &str) -> bool {
    const ALONE: &str = "HIKU_TEST_ALONE";
    if std::env::var_os(ALONE).is_some() {
        return true;
    }
    let mut process = std::process::Command::new(std::env::current_exe().unwrap());
    let output =
        process.args(["--exact", name, "--nocapture"]).env(ALONE, "1").env("RUST_BACKTRACE", "full").output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    assert!(String::from_utf8_lossy(&output.stdout).contains("1 passed"), "no test is called {name}");
    false
}

#[test]
fn c64_threads_are_used_again() {
    if !alone("memory::c64_threads_are_used_again") {
        return;
    }
    current_thread().block_on(async {
        let mut threads = HashSet::new();
        for _ in 0..2_000 {
            threads.insert(async_def_send(|| thread::current().id()).on_thread().await);
        }
        assert!(threads.len() < 10, "{} threads for 2,000 calls in turn", threads.len());
    });
}

#[test]
fn c64_more_calls_than_threads_all_come_to_their_end() {
    current_thread().block_on(async {
        let (senders, receivers): (Vec<_>, Vec<_>) = (0..600).map(|_| oneshot::channel::<()>()).unzip();
        let calls = receivers.into_iter().map(|receiver| {
            let nested = || awaitlet(async_def_send(|| awaitlet(async { 1 })).on_thread());
            tokio::spawn(async_def_send(move || awaitlet(receiver).map_or(0, |()| nested())).on_thread())
        });
        let calls: Vec<_> = calls.collect();
        for sender in senders {
            sender.send(()).unwrap();
        }
        assert_eq!(futures::future::join_all(calls).await.into_iter().map(Result::unwrap).sum::<i32>(), 600);
    });
}

#[test]
fn c66_a_call_that_is_forgotten_goes_on_away_from_its_task() {
    current_thread().block_on(async {
        let ((sender, receiver), (polled, waits), (over, is_over)) =
            (oneshot::channel::<()>(), oneshot::channel(), oneshot::channel());
        let call = async_def_send(move || {
            let _last = on_drop(move || over.send(()).unwrap());
            awaitlet(async {
                polled.send(()).unwrap();
                receiver.await.unwrap();
            });
        });
        let futures::future::Either::Right((_, call)) = futures::future::select(call, waits).await else { panic!() };
        std::mem::forget(call);
        sender.send(()).unwrap();
        is_over.await.unwrap();
    });
}

#[cfg(feature = "coroutines")]
mod coroutines {
    use std::future::pending;
    use std::sync::Arc;
    use std::task::{Context, Waker};

    use hiku::bridge::{AsyncDef, async_def, awaitlet};

    use super::*;

    #[cfg(target_os = "linux")]
    fn resident() -> usize {
        let statm = std::fs::read_to_string("/proc/self/statm").unwrap();
        statm.split(' ').nth(1).unwrap().parse::<usize>().unwrap() * 4096
    }

    /// Where on its stack a call has its values.
    #[inline(never)]
    fn here() -> usize {
        let value = 0;
        std::ptr::from_ref(std::hint::black_box(&value)).addr()
    }

    fn suspended<T>(call: AsyncDef<T>) -> std::pin::Pin<Box<AsyncDef<T>>> {
        let mut call = Box::pin(call);
        assert!(call.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
        call
    }

    #[test]
    fn c66_the_stack_of_a_call_that_is_forgotten_is_never_used_again() {
        let here_of = |kept: Arc<()>| {
            let (sender, receiver) = std::sync::mpsc::channel();
            let call = suspended(async_def(move || {
                let _kept = kept;
                sender.send(here()).unwrap();
                awaitlet(pending::<()>());
            }));
            (call, receiver.recv().unwrap())
        };
        let kept = Arc::new(());
        let forgotten: Vec<usize> = (0..4)
            .map(|_| {
                let (call, here) = here_of(kept.clone());
                std::mem::forget(call);
                here
            })
            .collect();
        for _ in 0..3 {
            let others: Vec<_> = (0..100).map(|_| here_of(kept.clone())).collect();
            assert!(others.iter().all(|(_, here)| forgotten.iter().all(|lost| here.abs_diff(*lost) > 128 * 1024)));
        }
        assert_eq!(Arc::strong_count(&kept), 5, "what was forgotten is still there, all else is gone");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn c64_ten_thousand_suspended_calls_take_less_than_a_hundred_mebibytes() {
        if !alone("memory::coroutines::c64_ten_thousand_suspended_calls_take_less_than_a_hundred_mebibytes") {
            return;
        }
        let before = resident();
        let value = Arc::new(());
        let calls: Vec<_> = (0..10_000)
            .map(|_| {
                let value = value.clone();
                suspended(async_def(move || {
                    let _value = value;
                    awaitlet(pending::<()>());
                }))
            })
            .collect();
        let taken = resident() - before;
        assert!(taken < 100 << 20, "{} KiB", taken >> 10);
        drop(calls);
        assert_eq!(Arc::strong_count(&value), 1);
        // The stacks that are kept, and the heap.
        let kept = resident() - before;
        assert!(kept < 20 << 20, "{} KiB", kept >> 10);
        println!("{} KiB suspended, {} KiB afterwards", taken >> 10, kept >> 10);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn c64_a_hundred_thousand_calls_in_turn_use_one_stack() {
        if !alone("memory::coroutines::c64_a_hundred_thousand_calls_in_turn_use_one_stack") {
            return;
        }
        current_thread().block_on(async {
            let call = || async_def(|| awaitlet(async { here() }).min(here()));
            let first = call().await;
            let before = resident();
            for _ in 0..100_000 {
                assert_eq!(call().await, first);
            }
            let grown = resident().saturating_sub(before);
            assert!(grown < 1 << 20, "{} KiB", grown >> 10);
        });
    }

    /// Symbols are looked up on the stack of the code, and that takes most of what a panic takes.
    #[test]
    fn a_panic_with_its_backtrace_fits_on_a_stack() {
        if !alone("memory::coroutines::a_panic_with_its_backtrace_fits_on_a_stack") {
            return;
        }
        let call = async_def(|| {
            awaitlet(async {});
            assert!(std::backtrace::Backtrace::force_capture().to_string().contains("fits_on_a_stack"));
            panic!("with a backtrace");
        });
        let caught = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| current_thread().block_on(call)));
        assert!(caught.is_err());
    }
}
