//! Pools of threads: bounded, helped, given.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Barrier, Mutex, OnceLock, mpsc};

use hiku::prelude::*;
use hiku::threads::Threads;
use tokio::runtime::Handle;

use super::support::on_plain_thread;

#[derive(Clone)]
struct Crew {
    meet: Arc<Barrier>,
    running: Arc<AtomicUsize>,
    most: Arc<AtomicUsize>,
    engine: Arc<OnceLock<Engine>>,
    runtime: Option<Handle>,
}

impl Crew {
    fn new(meet: usize) -> Self {
        Crew {
            meet: Arc::new(Barrier::new(meet)),
            running: Arc::default(),
            most: Arc::default(),
            engine: Arc::default(),
            runtime: None,
        }
    }
}

#[root]
struct Query {}

#[root]
impl Query {
    /// Ends when as many run as are to meet.
    #[field(blocking)]
    fn meet(Data(crew): Data<Crew>, #[arg] n: i64) -> i64 {
        crew.most.fetch_max(crew.running.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
        crew.meet.wait();
        crew.running.fetch_sub(1, Ordering::SeqCst);
        n
    }

    /// Asks the same engine, so many levels deep, two at a time.
    #[field(blocking)]
    fn nested(Data(crew): Data<Crew>, #[arg] levels: i64) -> Result<i64> {
        if levels == 0 {
            return Ok(1);
        }
        let (engine, below) = (crew.engine.get().unwrap(), levels - 1);
        let query = format!("{{ a: nested(levels: {below}) b: beside(levels: {below}) }}");
        let response = match crew.runtime {
            None => engine.execute_blocking(query),
            Some(runtime) => runtime.block_on(engine.execute(query)),
        };
        let value = response.data::<serde_json::Value>()?;
        Ok(value["a"].as_i64().unwrap() + value["b"].as_i64().unwrap())
    }

    #[field(blocking)]
    fn beside(Data(crew): Data<Crew>, #[arg] levels: i64) -> Result<i64> {
        Query::nested(Data(crew), levels)
    }
}

fn engine(crew: &Crew, threads: &Threads) -> Engine {
    let graph = Graph::new::<Query>().unwrap();
    Engine::builder(graph).data(crew.clone()).threads(threads.clone()).build().unwrap()
}

fn many(count: usize) -> String {
    let fields: String = (0..count).map(|n| format!("m{n}: meet(n: {n}) ")).collect();
    format!("{{ {fields} }}")
}

#[tokio::test]
async fn c07_on_eight_threads_eight_loaders_meet() {
    for _ in 0..20 {
        let engine = engine(&Crew::new(8), &Threads::new(8));
        let of_task = engine.execute(many(8)).await;
        let response = on_plain_thread(move || engine.execute_blocking(many(8))).await;
        assert!(response.is_ok(), "{response}");
        assert_eq!(response.bytes(), of_task.bytes());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn c07_a_loader_can_execute_over_its_own_pool_of_one_thread() {
    for most in [1, 2, 3] {
        let (crew, threads) = (Crew::new(1), Threads::new(most));
        let engine = engine(&crew, &threads);
        crew.engine.set(engine.clone()).unwrap();
        let callers: Vec<_> = (0..4)
            .map(|_| {
                let engine = engine.clone();
                tokio::spawn(on_plain_thread(move || {
                    engine.execute_blocking("{ nested(levels: 4) beside(levels: 3) }")
                }))
            })
            .collect();
        for caller in callers {
            assert_eq!(caller.await.unwrap().to_string(), r#"{"data":{"nested":16,"beside":8}}"#);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn c07_likewise_a_loader_that_waits_for_a_task() {
    let crew = Crew { runtime: Some(Handle::current()), ..Crew::new(1) };
    let engine = engine(&crew, &Threads::new(1));
    crew.engine.set(engine.clone()).unwrap();
    let response = tokio::time::timeout(super::support::LONG, engine.execute("{ nested(levels: 3) }")).await;
    assert_eq!(response.expect("a deadlock").to_string(), r#"{"data":{"nested":8}}"#);
}

#[tokio::test(flavor = "multi_thread")]
async fn c08_never_more_loaders_at_once_than_the_pool_has_threads() {
    let (crew, threads) = (Crew::new(3), Threads::new(3));
    let engine = engine(&crew, &threads);
    // Groups of three, which only three at once can be.
    let tasks = (0..4).map(|_| {
        let engine = engine.clone();
        tokio::spawn(async move { engine.execute(many(21)).await })
    });
    let callers = (0..4).map(|_| {
        let engine = engine.clone();
        tokio::spawn(on_plain_thread(move || engine.execute_blocking(many(21))))
    });
    let all: Vec<_> = tasks.chain(callers).collect();
    for one in all {
        assert!(one.await.unwrap().is_ok());
    }
    assert_eq!(crew.most.load(Ordering::SeqCst), 3);
    // One at a time, each alone.
    let crew = Crew::new(1);
    let engine = self::engine(&crew, &Threads::new(1));
    let alone: Vec<_> = (0..8)
        .map(|_| {
            let engine = engine.clone();
            tokio::spawn(on_plain_thread(move || engine.execute_blocking("{ meet(n: 1) }")))
        })
        .collect();
    for one in alone {
        assert!(one.await.unwrap().is_ok());
    }
    assert_eq!(crew.most.load(Ordering::SeqCst), 1);
}

type Job = Box<dyn FnOnce() + Send>;

/// A pool as users have them: so many threads, which end when the sender is dropped.
fn users_pool(threads: usize) -> (mpsc::Sender<Job>, Vec<std::thread::JoinHandle<()>>) {
    let (send, jobs) = mpsc::channel::<Job>();
    let jobs = Arc::new(Mutex::new(jobs));
    let thread = || {
        let jobs = jobs.clone();
        let next = move || jobs.lock().unwrap().recv();
        std::thread::Builder::new().name("users".into()).spawn(move || {
            while let Ok(job) = next() {
                job();
            }
        })
    };
    (send, (0..threads).map(|_| thread().unwrap()).collect())
}

#[tokio::test]
async fn c13_a_pool_of_the_users_is_used_and_not_shut_down() {
    let (pool, threads) = users_pool(8);
    let spawn = Mutex::new(pool.clone());
    let given = Threads::given(3, move |job| spawn.lock().unwrap().send(job).unwrap());
    let crew = Crew::new(3);
    let engine = engine(&crew, &given);
    assert!(engine.execute(many(21)).await.is_ok());
    let same = engine.clone();
    assert!(on_plain_thread(move || same.execute_blocking(many(21))).await.is_ok());
    assert_eq!(crew.most.load(Ordering::SeqCst), 3, "three of its eight");
    drop((engine, given));
    let (answer, asked) = mpsc::channel();
    pool.send(Box::new(move || answer.send(std::thread::current().name().map(str::to_owned)).unwrap())).unwrap();
    assert_eq!(asked.recv().unwrap().as_deref(), Some("users"));
    drop(pool);
    threads.into_iter().for_each(|thread| thread.join().unwrap());
}

#[tokio::test]
async fn a_pool_that_drops_what_it_is_given_is_an_error_not_a_wait() {
    let engine = engine(&Crew::new(2), &Threads::given(2, drop));
    let response = engine.execute(many(2)).await.to_value();
    assert_eq!(response["errors"].as_array().unwrap().len(), 1, "{response}");
    let response = on_plain_thread(move || engine.execute_blocking(many(2))).await.to_value();
    assert_eq!(response["errors"].as_array().unwrap().len(), 1, "{response}");
}
