//! What the bridge costs: `cargo bench -p hiku-core --bench bridge --features coroutines`.
//!
//! Each line is the best of twenty rounds, which is the one that was least disturbed.

use std::hint::black_box;
use std::pin::Pin;
use std::time::{Duration, Instant};

use hiku_core::bridge::{AsyncDefSend, async_def, async_def_send, awaitlet, run};
use tokio::runtime::{Builder, Runtime};
use tokio::task::{spawn_blocking, yield_now};

const ROUNDS: usize = 20;

fn main() {
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();

    awaits(&runtime, "a ready future", 100_000, || Box::pin(std::future::ready(())));
    awaits(&runtime, "one that yields once", 2_000, || Box::pin(yield_now()));
    awaits(&runtime, "a spawned task", 500, || Box::pin(async { tokio::spawn(async {}).await.unwrap() }));

    line("a call without an await: AsyncDef", 10_000, || {
        runtime.block_on(async {
            for _ in 0..10_000 {
                black_box(async_def(|| black_box(1)).await);
            }
        });
    });
    line("a call with one ready await: AsyncDef", 10_000, || {
        runtime.block_on(async {
            for _ in 0..10_000 {
                black_box(async_def(|| awaitlet(std::future::ready(black_box(1)))).await);
            }
        });
    });
    line("the same on a fresh stack", 1_000, || {
        runtime.block_on(async {
            for _ in 0..1_000 {
                black_box(async_def(|| awaitlet(std::future::ready(black_box(1)))).stack_size(128 << 10).await);
            }
        });
    });
    line("a call that is cancelled: AsyncDef", 1_000, || {
        runtime.block_on(async {
            for _ in 0..1_000 {
                let mut call = async_def(|| awaitlet(std::future::pending::<()>()));
                assert!(futures_util::poll!(Pin::new(&mut call)).is_pending());
            }
        });
    });

    let call = || async_def_send(|| awaitlet(std::future::ready(black_box(1))));
    send(&runtime, "lane", call);
    send(&runtime, "thread", || call().on_thread());
    line("the same: spawn_blocking, one in turn", 500, || {
        runtime.block_on(async {
            for _ in 0..500 {
                let value = spawn_blocking(|| tokio::runtime::Handle::current().block_on(async { black_box(1) }));
                black_box(value.await.unwrap());
            }
        });
    });
    line("the same: spawn_blocking, a hundred at once", 1_000, || {
        runtime.block_on(async {
            for _ in 0..10 {
                let call = || spawn_blocking(|| tokio::runtime::Handle::current().block_on(async { black_box(1) }));
                futures_util::future::join_all((0..100).map(|_| call())).await;
            }
        });
    });
}

/// The price of an await, in each place where code can wait, beside `.await`.
fn awaits<F, M>(runtime: &Runtime, what: &str, times: u32, make: M)
where
    F: Future<Output = ()> + ?Sized,
    M: Fn() -> Pin<Box<F>> + Copy + Send + 'static,
{
    line(&format!("await {what}: `.await`"), times, || {
        runtime.block_on(async {
            for _ in 0..times {
                make().await;
            }
        });
    });
    let code = move || (0..times).for_each(|_| awaitlet(make()));
    line(&format!("await {what}: AsyncDef"), times, || runtime.block_on(async_def(code)));
    line(&format!("await {what}: AsyncDefSend, lane"), times, || runtime.block_on(async_def_send(code)));
    line(&format!("await {what}: AsyncDefSend, thread"), times, || {
        runtime.block_on(async_def_send(code).on_thread());
    });
    line(&format!("await {what}: run"), times, || {
        runtime.block_on(async { spawn_blocking(move || run(code)).await.unwrap() });
    });
}

fn send(runtime: &Runtime, place: &str, call: impl Fn() -> AsyncDefSend<i32>) {
    line(&format!("a call with one ready await: {place}, one in turn"), 500, || {
        runtime.block_on(async {
            for _ in 0..500 {
                black_box(call().await);
            }
        });
    });
    line(&format!("a call with one ready await: {place}, a hundred at once"), 1_000, || {
        runtime.block_on(async {
            for _ in 0..10 {
                futures_util::future::join_all((0..100).map(|_| call())).await;
            }
        });
    });
}

/// `times` operations are a round.
fn line(what: &str, times: u32, mut round: impl FnMut()) {
    let mut best = Duration::MAX;
    for _ in 0..ROUNDS {
        let started = Instant::now();
        round();
        best = best.min(started.elapsed());
    }
    println!("{what:<58} {:>10}", each(best, times));
}

fn each(all: Duration, times: u32) -> String {
    match all.as_nanos() / u128::from(times) {
        nanoseconds @ 0..1_000 => format!("{nanoseconds} ns"),
        nanoseconds => format!("{:.1} µs", nanoseconds as f64 / 1e3),
    }
}
