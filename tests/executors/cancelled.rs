//! Dropping an execution drops its loaders.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Barrier};
use std::time::{Duration, Instant};

use hiku::prelude::*;
use hiku::threads::{ConnPool, Threads};
use rusqlite::Connection;

use super::support::LONG;

/// Counts what lives.
#[derive(Clone, Default)]
struct Living(Arc<AtomicUsize>);

struct Guard(Arc<AtomicUsize>);

impl Living {
    fn guard(&self) -> Guard {
        self.0.fetch_add(1, Ordering::SeqCst);
        Guard(self.0.clone())
    }

    fn count(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

#[derive(Clone)]
struct Gate {
    here: Arc<Barrier>,
    calls: Arc<AtomicUsize>,
}

#[node(memory)]
struct Thing {
    #[key]
    id: i64,
}

#[node]
impl Thing {
    #[field]
    async fn never(Data(living): Data<Living>, id: &[i64]) -> Vec<i64> {
        let _guard = living.guard();
        let _kept = id.len();
        std::future::pending().await
    }
    #[link]
    async fn nowhere(Data(living): Data<Living>, id: &[i64]) -> Vec<Many<Thing>> {
        let _guard = living.guard();
        let _kept = id.len();
        std::future::pending().await
    }
    /// Blocks until the test meets it, twice.
    #[field(blocking)]
    fn gate(Data(gate): Data<Gate>, id: &[i64], #[arg(default = 0)] n: i64) -> Vec<i64> {
        gate.calls.fetch_add(1, Ordering::SeqCst);
        gate.here.wait();
        gate.here.wait();
        id.iter().map(|id| id + n).collect()
    }
    #[field]
    fn after(gate: &[i64]) -> Vec<i64> {
        gate.to_vec()
    }
}

#[root]
struct Query {
    #[link(all)]
    things: Many<Thing>,
}

#[root]
impl Query {
    /// Minutes of work for SQLite.
    #[field]
    async fn endless(Data(pool): Data<ConnPool<Connection>>) -> Result<i64> {
        const COUNT: &str =
            "WITH RECURSIVE c (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c LIMIT 3000000000) SELECT max(n) FROM c";
        Ok(pool.run(|connection| connection.query_row(COUNT, (), |row| row.get(0))).await??)
    }
}

fn pool() -> ConnPool<Connection> {
    ConnPool::new(1, Connection::open_in_memory).interrupt(|connection| {
        let handle = connection.get_interrupt_handle();
        move || handle.interrupt()
    })
}

fn engine(living: &Living, gate: &Gate, threads: Option<&Threads>) -> Engine {
    engine_on(&pool(), living, gate, threads)
}

fn engine_on(pool: &ConnPool<Connection>, living: &Living, gate: &Gate, threads: Option<&Threads>) -> Engine {
    let things: Vec<Thing> = (0..3).map(|id| Thing { id }).collect();
    let engine = Engine::builder(Graph::new::<Query>().unwrap()).data(Memory::new(&things)).data(living.clone());
    let engine = engine.data(gate.clone()).data(pool.clone());
    match threads {
        Some(threads) => engine.threads(threads.clone()),
        None => engine,
    }
    .build()
    .unwrap()
}

fn gate() -> Gate {
    Gate { here: Arc::new(Barrier::new(2)), calls: Arc::default() }
}

const MANY: &str = "{ things { never nowhere { id } } }";

#[tokio::test]
async fn c10_dropping_an_execution_drops_every_outstanding_loader_before_drop_returns() {
    let living = Living::default();
    let engine = engine(&living, &gate(), None);
    for polls in 1..4 {
        let mut running = Box::pin(engine.execute(MANY));
        for _ in 0..polls {
            assert!(futures::poll!(running.as_mut()).is_pending());
        }
        assert_eq!(living.count(), 2);
        drop(running);
        assert_eq!(living.count(), 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn c10_what_blocks_and_has_not_started_never_does_and_what_runs_is_not_seen() {
    let (living, gate, threads) = (Living::default(), gate(), Threads::new(1));
    let engine = engine(&living, &gate, Some(&threads));
    // One runs, the others wait for the only thread.
    let query = "{ things { a: gate(n: 1) b: gate(n: 2) c: gate(n: 3) } }";
    let mut running = Box::pin(engine.execute(query));
    assert!(futures::poll!(running.as_mut()).is_pending());
    let meet = gate.here.clone();
    tokio::task::spawn_blocking(move || meet.wait()).await.unwrap();
    drop(running);
    assert_eq!(gate.calls.load(Ordering::SeqCst), 1);
    let meet = gate.here.clone();
    tokio::task::spawn_blocking(move || meet.wait()).await.unwrap();
    // The thread is free again, and takes nothing of the former.
    let again = tokio::spawn(async move { engine.execute("{ things { gate(n: 9) } }").await.to_string() });
    let meet = gate.here.clone();
    tokio::task::spawn_blocking(move || [meet.wait(), meet.wait()].len()).await.unwrap();
    assert_eq!(again.await.unwrap(), r#"{"data":{"things":[{"gate":9},{"gate":10},{"gate":11}]}}"#);
    assert_eq!(gate.calls.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn c10_a_statement_of_a_blocking_driver_is_stopped() {
    let pool = pool();
    let engine = engine_on(&pool, &Living::default(), &gate(), None);
    for _ in 0..3 {
        let since = Instant::now();
        // It runs by then, or is taken back: either way the only connection is free at once.
        assert!(tokio::time::timeout(Duration::from_millis(20), engine.execute("{ endless }")).await.is_err());
        let one: i64 =
            pool.run(|connection| connection.query_row("SELECT 1", (), |row| row.get(0))).await.unwrap().unwrap();
        assert_eq!(one, 1);
        assert!(since.elapsed() < LONG);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn c11_aborting_the_task_of_an_execution_drops_its_loaders() {
    let living = Living::default();
    let engine = engine(&living, &gate(), None);
    let tasks: Vec<_> = (0..20)
        .map(|_| {
            let engine = engine.clone();
            tokio::spawn(async move { engine.execute(MANY).await })
        })
        .collect();
    while living.count() < 40 {
        tokio::task::yield_now().await;
    }
    for task in tasks {
        task.abort();
        // A task has ended when its future is dropped.
        assert!(task.await.unwrap_err().is_cancelled());
    }
    assert_eq!(living.count(), 0);
}
