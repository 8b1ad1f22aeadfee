//! What single calls cost, beside what one would write otherwise:
//!
//! `.ci/with-postgres cargo run --release --manifest-path benches/Cargo.toml --features calls --bin calls`
//!
//! The lines of a group take turns. Each is the best of twenty rounds, which is the one that was least disturbed.

use std::future::Future;
use std::hint::black_box;
use std::pin::Pin;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use hiku::bridge::async_def_send;
use hiku::prelude::*;
use hiku::sqlx::{self, SqlSafeStr};
use hiku::threads::{ConnPool, ThreadConn, Threads};
use tokio::runtime::{Builder, Runtime};
use tokio::sync::oneshot;
use tokio::task::spawn_blocking;

const ROUNDS: usize = 20;

#[node(table = "item")]
struct Item {
    #[key]
    id: i64,
    name: String,
    stars: i64,
}

#[root]
struct Query {
    #[link(by_key)]
    item: Maybe<Item>,
}

/// What is measured side by side: a name, how many calls are a round, and a round.
type Lines<'a> = Vec<(String, u32, Box<dyn FnMut() + 'a>)>;

type Answer = Pin<Box<dyn Future<Output = ()> + Send>>;

const REQUEST: &str = "{ item(id: 2) { name } }";
const GET: &str = "SELECT id, name, stars FROM item WHERE id = $1";
/// Both drivers do the same with types of their own.
macro_rules! get {
    () => {
        |pool| async move {
            black_box(sqlx::query_as::<_, Row>(GET).bind(2_i64).fetch_optional(&pool).await.unwrap());
        }
    };
}
macro_rules! execute {
    () => {
        |pool| async move {
            black_box(sqlx::raw_sql(UPDATE).execute(&pool).await.unwrap());
        }
    };
}
macro_rules! update {
    ($begin:ident $(, $text:expr)?) => {
        |pool| async move {
            let mut transaction = pool.$begin($($text)?).await.unwrap();
            sqlx::query(UPDATE).execute(&mut *transaction).await.unwrap();
            transaction.commit().await.unwrap();
        }
    };
}

const UPDATE: &str = "UPDATE item SET stars = stars + 1 WHERE id = 2";

fn main() {
    let runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    threads(&runtime);

    let sqlite = runtime.block_on(filled("sqlite::memory:"));
    requests(&runtime, &sqlite);
    let pool = sqlite.sqlite().unwrap();
    let mut lines = Lines::new();
    task(&mut lines, &runtime, "sqlx by hand", 200, with(pool, get!()));
    models(&mut lines, &runtime, &sqlite);
    rusqlite(&mut lines);
    measure("SQLite, a row by its key", lines);
    let mut lines = Lines::new();
    task(&mut lines, &runtime, "sqlx by hand", 100, with(pool, execute!()));
    execute(&mut lines, &runtime, &sqlite);
    measure("SQLite, an update", lines);
    let mut lines = Lines::new();
    task(&mut lines, &runtime, "sqlx by hand", 100, with(pool, update!(begin_with, "BEGIN IMMEDIATE".into_sql_str())));
    atomic(&mut lines, &runtime, &sqlite);
    measure("SQLite, an update in a transaction", lines);

    let Ok(url) = std::env::var("HIKU_BENCH_POSTGRES") else { return };
    let postgres = runtime.block_on(filled(&url));
    let pool = postgres.postgres().unwrap();
    let pinging = &runtime.block_on(sqlx::PgPool::connect(&url)).unwrap();
    let mut lines = Lines::new();
    task(&mut lines, &runtime, "sqlx by hand, the same pool", 100, with(pool, get!()));
    task(&mut lines, &runtime, "sqlx by hand, a pool as it comes", 100, with(pinging, get!()));
    models(&mut lines, &runtime, &postgres);
    measure("PostgreSQL, a row by its key", lines);
    let mut lines = Lines::new();
    task(&mut lines, &runtime, "sqlx by hand, the same pool", 100, with(pool, execute!()));
    task(&mut lines, &runtime, "sqlx by hand, a pool as it comes", 100, with(pinging, execute!()));
    execute(&mut lines, &runtime, &postgres);
    measure("PostgreSQL, an update", lines);
    let mut lines = Lines::new();
    task(&mut lines, &runtime, "sqlx by hand, the same pool", 100, with(pool, update!(begin)));
    task(&mut lines, &runtime, "sqlx by hand, a pool as it comes", 100, with(pinging, update!(begin)));
    atomic(&mut lines, &runtime, &postgres);
    measure("PostgreSQL, an update in a transaction", lines);
}

/// A call with a pool.
fn with<P, F, C>(pool: &P, call: C) -> impl Fn() -> Answer + Clone + Send + use<P, F, C>
where
    P: Clone + Send,
    F: Future<Output = ()> + Send + 'static,
    C: Fn(P) -> F + Clone + Send,
{
    let pool = pool.clone();
    move || Box::pin(call(pool.clone()))
}

type Row = (i64, String, i64);

async fn filled(url: &str) -> Db {
    let db = Db::connect(url).await.unwrap();
    hiku::sql::drop_tables::<Query>(&db).await.unwrap();
    hiku::sql::create_tables::<Query>(&db).await.unwrap();
    db.execute("INSERT INTO item (id, name, stars) VALUES (1, 'one', 1), (2, 'two', 1)").await.unwrap();
    db
}

/// A closure on another thread, and back.
fn threads(runtime: &Runtime) {
    const TIMES: u32 = 500;
    let (ask, asked) = mpsc::channel::<oneshot::Sender<u64>>();
    let bare = std::thread::spawn(move || {
        let mut count = 0;
        while let Ok(answer) = asked.recv() {
            count += 1;
            let _ = answer.send(black_box(count));
        }
    });
    let count = |count: &mut u64| {
        *count += 1;
        black_box(*count)
    };
    let connection = ThreadConn::connect(|| Ok::<_, Error>(0_u64)).blocking().unwrap();
    let pool = ConnPool::new(2, || Ok::<_, Error>(0_u64));

    let mut lines = Lines::new();
    let asking = ask.clone();
    line(&mut lines, "waited for: a thread, mpsc and oneshot", TIMES, move || {
        for _ in 0..TIMES {
            let (answer, answered) = oneshot::channel();
            asking.send(answer).unwrap();
            black_box(answered.blocking_recv().unwrap());
        }
    });
    line(&mut lines, "waited for: ThreadConn", TIMES, || {
        for _ in 0..TIMES {
            black_box(connection.run(count).blocking().unwrap());
        }
    });
    line(&mut lines, "waited for: ConnPool", TIMES, || {
        for _ in 0..TIMES {
            black_box(pool.run(count).blocking().unwrap());
        }
    });
    task(&mut lines, runtime, "awaited: a thread, mpsc and oneshot", TIMES, move || {
        let (answer, answered) = oneshot::channel();
        ask.send(answer).unwrap();
        Box::pin(async move {
            black_box(answered.await.unwrap());
        })
    });
    task(&mut lines, runtime, "awaited: spawn_blocking", TIMES, || {
        Box::pin(async {
            black_box(spawn_blocking(|| black_box(1)).await.unwrap());
        })
    });
    let awaited = connection.clone();
    task(&mut lines, runtime, "awaited: ThreadConn", TIMES, move || {
        let reply = awaited.run(count);
        Box::pin(async move {
            black_box(reply.await.unwrap());
        })
    });
    let awaited = pool.clone();
    task(&mut lines, runtime, "awaited: ConnPool", TIMES, move || {
        let reply = awaited.run(count);
        Box::pin(async move {
            black_box(reply.await.unwrap());
        })
    });
    measure("A closure on another thread", lines);
    bare.join().unwrap();
}

/// A whole request with one small statement.
fn requests(runtime: &Runtime, db: &Db) {
    const TIMES: u32 = 2_000;
    let engine = || Engine::builder(Graph::new::<Query>().unwrap()).data(db.clone());
    let plain = engine().build().unwrap();
    let threaded = engine().threads(Threads::new(2)).build().unwrap();
    assert_eq!(plain.execute_blocking(REQUEST).bytes(), br#"{"data":{"item":{"name":"two"}}}"#);
    let mut lines = Lines::new();
    for (name, engine) in [("", plain), (", with threads", threaded)] {
        let here = engine.clone();
        task(&mut lines, runtime, &format!("execute{name}"), TIMES, move || {
            let engine = here.clone();
            Box::pin(async move {
                black_box(engine.execute(REQUEST).await);
            })
        });
        line(&mut lines, &format!("execute_blocking{name}"), TIMES, move || {
            for _ in 0..TIMES {
                black_box(engine.execute_blocking(REQUEST));
            }
        });
    }
    measure("SQLite, a request for a row by its key", lines);
}

/// A row by its key.
fn models<'a>(lines: &mut Lines<'a>, runtime: &'a Runtime, db: &Db) {
    const TIMES: u32 = 200;
    task(lines, runtime, "get: `.await`", TIMES, {
        let db = db.clone();
        move || {
            let db = db.clone();
            Box::pin(async move {
                black_box(Item::get(&db, 2).await.unwrap());
            })
        }
    });
    let plain = db.clone();
    line(lines, "get: `.blocking()` on a plain thread", TIMES, move || {
        for _ in 0..TIMES {
            black_box(Item::get(&plain, 2).blocking().unwrap());
        }
    });
    let many = db.clone();
    line(lines, "get: `.blocking()`, many in an async_def_send", TIMES, move || {
        let db = many.clone();
        let call = async_def_send(move || {
            for _ in 0..TIMES {
                black_box(Item::get(&db, 2).blocking().unwrap());
            }
        });
        runtime.block_on(async { tokio::spawn(call).await.unwrap() });
    });
    let db = db.clone();
    task(lines, runtime, "get: `.blocking()`, each in an async_def_send", TIMES, move || {
        let db = db.clone();
        let call = async_def_send(move || black_box(Item::get(&db, 2).blocking().unwrap()));
        Box::pin(async move {
            black_box(call.await);
        })
    });
}

/// The same on this thread, without a pool.
fn rusqlite(lines: &mut Lines<'_>) {
    let rows = rusqlite::Connection::open_in_memory().unwrap();
    rows.execute_batch("CREATE TABLE item (id INTEGER PRIMARY KEY, name TEXT NOT NULL, stars INTEGER NOT NULL)")
        .unwrap();
    rows.execute_batch("INSERT INTO item VALUES (1, 'one', 1), (2, 'two', 1)").unwrap();
    line(lines, "rusqlite by hand, on this thread", 2_000, move || {
        for _ in 0..2_000 {
            let mut get = rows.prepare_cached(GET).unwrap();
            let row = get.query_row([2], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)));
            black_box::<Row>(row.unwrap());
        }
    });
}

/// An update without a transaction.
fn execute<'a>(lines: &mut Lines<'a>, runtime: &'a Runtime, db: &Db) {
    let db = db.clone();
    task(lines, runtime, "Db::execute", 100, move || {
        let db = db.clone();
        Box::pin(async move {
            black_box(db.execute(UPDATE).await.unwrap());
        })
    });
}

/// A transaction with one update.
fn atomic<'a>(lines: &mut Lines<'a>, runtime: &'a Runtime, db: &Db) {
    let text = db.clone();
    task(lines, runtime, "atomic, with Db::execute", 100, move || {
        let db = text.clone();
        Box::pin(async move {
            db.atomic(|| async { db.execute(UPDATE).await }).await.unwrap();
        })
    });
    let db = db.clone();
    task(lines, runtime, "atomic, with a model's update", 100, move || {
        let db = db.clone();
        Box::pin(async move {
            let c = Item::COLUMNS;
            db.atomic(|| async { Item::update(&db, [c.stars.plus(1)]).filter(c.id.eq(2)).await }).await.unwrap();
        })
    });
}

/// One call after the other, in a task on a worker.
fn task<'a>(
    lines: &mut Lines<'a>,
    runtime: &'a Runtime,
    what: &str,
    times: u32,
    call: impl Fn() -> Answer + Clone + Send + 'static,
) {
    line(lines, what, times, move || {
        let call = call.clone();
        let calls = async move {
            for _ in 0..times {
                call().await;
            }
        };
        runtime.block_on(async { tokio::spawn(calls).await.unwrap() });
    });
}

/// `times` calls are a round.
fn line<'a>(lines: &mut Lines<'a>, what: &str, times: u32, round: impl FnMut() + 'a) {
    lines.push((what.to_owned(), times, Box::new(round)));
}

fn measure(group: &str, mut lines: Lines<'_>) {
    let mut best = vec![Duration::MAX; lines.len()];
    for _ in 0..ROUNDS {
        for ((_, _, round), best) in lines.iter_mut().zip(&mut best) {
            let started = Instant::now();
            round();
            *best = started.elapsed().min(*best);
        }
    }
    println!("{group}");
    for ((what, times, _), best) in lines.iter().zip(best) {
        println!("    {what:<50} {:>8.2} µs", best.as_secs_f64() * 1e6 / f64::from(*times));
    }
}
