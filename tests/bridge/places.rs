//! Where calls are made from, and what they see there.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use futures::FutureExt;
use futures::future::join_all;
use hiku::bridge::{async_def_send, awaitlet, run, run_on};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Barrier, oneshot};
use tokio::task::{LocalSet, spawn_blocking, yield_now};

use super::{STRATEGIES, Strategy, current_thread, for_each, multi_thread};

/// Needs timers, sockets and a spawned task: all that a runtime has.
fn echo() -> String {
    awaitlet(tokio::time::sleep(Duration::from_millis(1)));
    let listener = awaitlet(TcpListener::bind("127.0.0.1:0")).unwrap();
    let to = listener.local_addr().unwrap();
    let server = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut name = [0; 4];
        stream.read_exact(&mut name).await.unwrap();
        stream.write_all(b"hello ").await.unwrap();
        stream.write_all(&name).await.unwrap();
    });
    // What is awaited may borrow.
    let mut stream = awaitlet(TcpStream::connect(to)).unwrap();
    let mut answer = String::new();
    awaitlet(stream.write_all(b"kirk")).unwrap();
    awaitlet(stream.read_to_string(&mut answer)).unwrap();
    awaitlet(server).unwrap();
    answer
}

#[test]
fn c61_the_same_code_runs_on_every_runtime() {
    for strategy in STRATEGIES {
        println!("{strategy:?}");
        assert_eq!(current_thread().block_on(strategy.call(echo)), "hello kirk");
        assert_eq!(multi_thread().block_on(strategy.call(echo)), "hello kirk");
        let in_a_set = async { LocalSet::new().run_until(strategy.call(echo)).await };
        assert_eq!(current_thread().block_on(in_a_set), "hello kirk");
        let spawned = |strategy: Strategy| async move {
            LocalSet::new().run_until(async { tokio::task::spawn_local(strategy.call(echo)).await.unwrap() }).await
        };
        assert_eq!(current_thread().block_on(spawned(*strategy)), "hello kirk");
    }
}

#[test]
fn c61_the_same_code_runs_on_threads_that_may_block() {
    let runtime = multi_thread();
    let handle = runtime.handle().clone();
    assert_eq!(thread::spawn(move || run_on(&handle, echo)).join().unwrap(), "hello kirk");
    assert_eq!(run_on(runtime.handle(), || run(echo)), "hello kirk");
    assert_eq!(runtime.block_on(async { spawn_blocking(|| run(echo)).await }).unwrap(), "hello kirk");
    assert_eq!(current_thread().block_on(async { spawn_blocking(|| run(echo)).await }).unwrap(), "hello kirk");
    let (sender, receiver) = oneshot::channel();
    let without_a_runtime = thread::spawn(|| run(|| awaitlet(receiver)));
    sender.send(7).unwrap();
    assert_eq!(without_a_runtime.join().unwrap(), Ok(7));
}

#[test]
fn c61_a_worker_is_not_blocked() {
    for runtime in [current_thread(), multi_thread()] {
        let refused = runtime.block_on(async { catch_unwind(|| run(|| ())) });
        assert!(refused.is_err(), "a worker of tokio");
    }
    // A hundred calls that wait for each other, on one thread.
    for_each(async |strategy| {
        let barrier = Arc::new(Barrier::new(100));
        let calls = (0..100).map(|_| {
            let barrier = barrier.clone();
            strategy.call(move || awaitlet(barrier.wait()).is_leader())
        });
        assert_eq!(join_all(calls).await.into_iter().filter(|leader| *leader).count(), 1);
    });
}

#[test]
fn c61_calls_that_are_send_run_in_spawned_tasks_and_in_handlers() {
    multi_thread().block_on(async {
        assert_eq!(tokio::spawn(async_def_send(echo)).await.unwrap(), "hello kirk");
        assert_eq!(tokio::spawn(async_def_send(echo).on_thread()).await.unwrap(), "hello kirk");

        async fn handler() -> String {
            async_def_send(echo).await
        }
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let to = listener.local_addr().unwrap();
        let router = axum::Router::new().route("/", axum::routing::get(handler));
        tokio::spawn(async { axum::serve(listener, router).await });
        let mut stream = TcpStream::connect(to).await.unwrap();
        stream.write_all(b"GET / HTTP/1.1\r\nhost: here\r\nconnection: close\r\n\r\n").await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        assert!(answer.ends_with("hello kirk"), "{answer}");
    });
}

#[test]
fn c62_a_call_stays_on_its_thread() {
    for_each(async |strategy| {
        let call = strategy.call(|| {
            let first = thread::current().id();
            (0..20).all(|_| {
                awaitlet(yield_now());
                awaitlet(tokio::spawn(async {})).unwrap();
                thread::current().id() == first
            })
        });
        assert!(call.await);
    });
}

#[test]
fn c62_a_panic_leaves_threads_and_lanes_alive() {
    for_each(async |strategy| {
        for _ in 0..20 {
            let call = strategy.call(|| std::panic::resume_unwind(Box::new(7)));
            let panic: Result<(), _> = AssertUnwindSafe(call).catch_unwind().await;
            assert_eq!(panic.unwrap_err().downcast_ref(), Some(&7));
            assert_eq!(strategy.call(|| awaitlet(async { 1 })).await, 1);
        }
    });
}

tokio::task_local! {
    static NUMBER: Rc<Cell<usize>>;
    static SHARED: Arc<std::sync::Mutex<usize>>;
}

#[cfg(feature = "coroutines")]
#[test]
fn c60_five_hundred_calls_see_the_task_locals_of_their_tasks() {
    let calls = (0..500).map(|number| {
        let before = Rc::new(Cell::new(number));
        let code = move || {
            for _ in 0..number % 7 {
                awaitlet(yield_now());
            }
            assert_eq!(NUMBER.get().get(), number);
            NUMBER.with(|cell| cell.set(number + 500));
            awaitlet(async {
                assert_eq!(NUMBER.get().get(), number + 500);
                yield_now().await;
                NUMBER.with(|cell| cell.set(number + 1000));
            });
            NUMBER.get().get()
        };
        NUMBER.scope(before.clone(), async move { (hiku::bridge::async_def(code).await, before.get()) })
    });
    let spawned = async { join_all(calls.map(tokio::task::spawn_local)).await };
    let seen = current_thread().block_on(LocalSet::new().run_until(spawned));
    for (number, seen) in seen.into_iter().enumerate() {
        assert_eq!(seen.unwrap(), (number + 1000, number + 1000));
    }
}

#[test]
fn c60_threads_and_lanes_see_what_they_are_given() {
    for strategy in STRATEGIES {
        let calls = (0..500).map(|number| {
            let value = Arc::new(std::sync::Mutex::new(number));
            let mut call = async_def_send(move || {
                for _ in 0..number % 7 {
                    awaitlet(yield_now());
                }
                let before = *SHARED.get().lock().unwrap();
                awaitlet(async {
                    yield_now().await;
                    *SHARED.get().lock().unwrap() += 500;
                });
                (before, *SHARED.get().lock().unwrap())
            });
            if *strategy == Strategy::Thread {
                call = call.on_thread();
            }
            tokio::spawn(call.within(move |stretch| SHARED.sync_scope(value.clone(), stretch)))
        });
        let seen = multi_thread().block_on(async { join_all(calls).await });
        for (number, seen) in seen.into_iter().enumerate() {
            assert_eq!(seen.unwrap(), (number, number + 500), "{strategy:?}");
        }
        let nothing = multi_thread().block_on(async {
            SHARED.scope(Arc::default(), async { async_def_send(|| SHARED.try_get().is_ok()).await }).await
        });
        assert!(!nothing, "nothing is carried without being told");
    }
}

#[cfg(feature = "coroutines")]
#[test]
fn two_calls_of_one_task_take_turns() {
    let log = super::Log::default();
    let call = |name: &'static str| {
        let log = log.clone();
        hiku::bridge::async_def(move || {
            for turn in 0..3 {
                log.say(format!("{name}{turn}"));
                awaitlet(yield_now());
            }
        })
    };
    current_thread().block_on(async { futures::join!(call("a"), call("b")) });
    assert_eq!(log.said(), ["a0", "b0", "a1", "b1", "a2", "b2"]);
}

#[cfg(feature = "coroutines")]
#[test]
fn a_call_is_driven_from_within_another_ones_code() {
    use hiku::bridge::async_def;
    use std::task::{Context, Waker};

    // The inner call is begun on the outer one's stack, and finished on the ordinary one.
    let (sender, receiver) = oneshot::channel();
    let outer = async_def(|| {
        let mut inner = Box::pin(async_def(|| awaitlet(receiver).unwrap() + awaitlet(async { 1 })));
        let polled = inner.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        assert!(polled.is_pending());
        awaitlet(yield_now());
        inner
    });
    let sum = current_thread().block_on(async {
        let inner = outer.await;
        sender.send(6).unwrap();
        inner.await
    });
    assert_eq!(sum, 7);
}
