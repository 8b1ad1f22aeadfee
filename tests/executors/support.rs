//! A graph with functions of every kind, and engines over it.

use std::collections::HashMap;
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::task::{Poll, Wake, Waker};
use std::time::Duration;

use hiku::prelude::*;
use hiku::threads::Threads;

use super::databases::execute;

pub const LONG: Duration = Duration::from_secs(20);

/// Which functions were called.
#[derive(Clone, Default)]
pub struct Calls(pub Arc<Mutex<Vec<String>>>);

impl Calls {
    pub fn note(&self, name: &str, keys: usize) {
        self.0.lock().unwrap().push(format!("{name}[{keys}]"));
    }

    /// All since the last time, sorted.
    pub fn take(&self) -> Vec<String> {
        let mut calls = std::mem::take(&mut *self.0.lock().unwrap());
        calls.sort();
        calls
    }
}

#[node(table = "star")]
pub struct Star {
    #[key]
    pub id: i64,
    pub name: String,
    #[link(to = Planet::star_id, all)]
    planets: Many<Planet>,
}

#[node]
impl Star {
    /// Per row.
    #[field]
    fn initial(name: &str) -> String {
        name.chars().take(1).collect()
    }

    /// Inline.
    #[field]
    fn length(Data(calls): Data<Calls>, id: &[i64], name: &[&str]) -> Vec<i64> {
        calls.note("length", id.len());
        name.iter().zip(id).map(|(name, id)| name.len() as i64 + id).collect()
    }

    #[field(blocking)]
    fn mass(Data(calls): Data<Calls>, id: &[i64], #[arg(default = 1)] times: i64) -> Result<HashMap<i64, i64>> {
        calls.note("mass", id.len());
        Ok(id.iter().map(|&id| (id, id * 10 * times)).collect())
    }

    #[field(blocking)]
    fn moody(id: &[i64]) -> Vec<Result<i64>> {
        id.iter().map(|&id| if id % 2 == 0 { Err(Error::new("even")) } else { Ok(id) }).collect()
    }

    #[link(blocking)]
    fn twins(Data(calls): Data<Calls>, id: &[i64]) -> Vec<Many<Star>> {
        calls.note("twins", id.len());
        id.iter().map(|&id| Many::keys([id % 3 + 1, id])).collect()
    }
}

#[node(table = "planet")]
pub struct Planet {
    #[key]
    pub id: i64,
    pub name: String,
    pub star_id: i64,
    #[link(from = star_id)]
    star: One<Star>,
}

#[node]
impl Planet {
    #[link(blocking)]
    fn moons(id: &[i64]) -> Vec<Many<Moon>> {
        id.iter().map(|&id| Many::keys([id * 10, id * 10 + 1])).collect()
    }
}

#[node]
pub struct Moon {
    #[key]
    pub id: i64,
    pub name: String,
}

#[node]
impl Moon {
    #[load(blocking)]
    fn load(Data(calls): Data<Calls>, id: &[i64]) -> Vec<Option<Moon>> {
        calls.note("moon", id.len());
        id.iter().map(|&id| (id != 4).then(|| Moon { id, name: format!("Moon {id}") })).collect()
    }
}

#[root]
pub struct Query {
    #[link(all)]
    stars: Many<Star>,
    #[link(by_key)]
    star: Maybe<Star>,
    #[link]
    planets: Many<Planet>,
}

#[root]
impl Query {
    #[field(blocking)]
    fn count(Data(calls): Data<Calls>) -> i64 {
        calls.note("count", 0);
        3
    }

    #[link(blocking)]
    fn moons(#[arg] ids: Vec<i64>) -> Many<Moon> {
        Many::keys(ids)
    }

    #[field]
    async fn later(Data(calls): Data<Calls>) -> i64 {
        calls.note("later", 0);
        tokio::time::sleep(Duration::from_millis(1)).await;
        7
    }

    #[link]
    async fn stars_later() -> Many<Star> {
        tokio::task::yield_now().await;
        Many::keys([3, 1])
    }
}

/// None of them needs an asynchronous function.
pub const QUERIES: [&str; 12] = [
    "{ __typename stars { id } }",
    "{ stars { id name initial length mass twice: mass(times: 2) moody } }",
    "{ stars { planets { name star { name mass } moons { id name } } } }",
    "{ stars { twins { id twins { initial planets { id } } } } }",
    "{ star(id: 2) { name mass moody } none: star(id: 9) { name mass } }",
    "{ moons(ids: [1, 2, 4, 2]) { id name } count }",
    "{ planets(limit: 2, offset: 1) { id star { twins { length } } } }",
    "{ a: stars { ...S } b: stars { ...S planets { star { ...S } } } } fragment S on Star { mass twins { mass } }",
    "query($n: Int = 3) { stars { mass(times: $n) } }",
    "{ stars { moons } }",
    "{ stars { id @skip(if: true) name } __schema { queryType { name } } }",
    "{ planets(limit: -1) { id } count }",
];

pub const ROWS: [&str; 2] = [
    "INSERT INTO star (id, name) VALUES (1, 'Sol'), (2, 'Vulcan'), (3, 'Wolf 359')",
    "INSERT INTO planet (id, name, star_id) VALUES (1, 'Earth', 1), (2, 'Mars', 1), (3, 'T''Khut', 2)",
];

pub async fn fill(db: &Db) {
    hiku::sql::create_tables::<Query>(db).await.unwrap();
    execute(db, &ROWS).await;
}

/// A builder over the graph, with its data.
pub fn builder(graph: &Graph, db: &Db, calls: &Calls) -> hiku::EngineBuilder {
    Engine::builder(graph.clone()).data(db.clone()).data(calls.clone())
}

/// Run something on a thread that belongs to no runtime, without blocking this one.
pub async fn on_plain_thread<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    let (answer, wait) = tokio::sync::oneshot::channel();
    let thread = std::thread::spawn(move || drop(answer.send(work())));
    let answer = tokio::time::timeout(LONG, wait).await.expect("a deadlock");
    thread.join().unwrap();
    answer.unwrap()
}

/// Drive a future without any runtime.
pub fn drive<F: Future>(future: F) -> F::Output {
    struct Unpark(std::thread::Thread);
    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }
    let waker = Waker::from(Arc::new(Unpark(std::thread::current())));
    let mut future = pin!(future);
    loop {
        match future.as_mut().poll(&mut std::task::Context::from_waker(&waker)) {
            Poll::Ready(value) => return value,
            Poll::Pending => std::thread::park_timeout(LONG),
        }
    }
}

/// Without a pool, and with pools of one and of eight threads.
pub fn pools() -> [Option<Threads>; 3] {
    [None, Some(Threads::new(1)), Some(Threads::new(8))]
}
