//! Functions in blocking style over an asynchronous database, the same ones from everywhere: a plain thread, a task, spawned
//! tasks, a blocking thread. None of them blocks a worker of the runtime.

use hiku::bridge::{self, awaitlet};
use hiku::prelude::*;
use hiku::sqlx;

/// A note.
#[node(table = "note")]
pub struct Note {
    #[key]
    id: i64,
    data: Option<String>,
}

/// Where queries start.
#[root]
pub struct Query {
    #[link(all)]
    notes: Many<Note>,
}

// In blocking style: no `async`, no `.await`, and `?` as everywhere.

fn set_up_tables(db: &Db) -> Result<()> {
    awaitlet(hiku::sql::drop_tables::<Query>(db))?;
    awaitlet(hiku::sql::create_tables::<Query>(db))
}

fn work_with_data(engine: &Engine, db: &Db) -> Result<String> {
    let Some(pool) = db.sqlite() else { return Err(Error::internal("this example knows SQLite")) };
    for data in ["a1", "a2", "a3"] {
        awaitlet(sqlx::query("INSERT INTO note (data) VALUES (?)").bind(data).execute(pool))?;
    }
    Ok(awaitlet(engine.execute("{ notes { id data } }")).to_string())
}

fn call_database_code(url: &str) -> Result<String> {
    let db = awaitlet(Db::connect(url))?;
    let engine = Engine::builder(Graph::new::<Query>()?).data(db.clone()).build()?;
    set_up_tables(&db)?;
    work_with_data(&engine, &db)
}

/// Each call has a database of its own.
const URL: &str = "sqlite::memory:";

#[tokio::main]
async fn main() -> Result<()> {
    // A plain thread, which belongs to no runtime. It waits by blocking.
    let runtime = tokio::runtime::Handle::current();
    let thread = std::thread::spawn(move || bridge::run_on(&runtime, || call_database_code(URL)));
    // Elsewhere the thread would just be joined; this one is a worker.
    let answer = tokio::task::spawn_blocking(|| thread.join().expect("no panic")).await??;
    println!("a plain thread:    {answer}");

    // A thread that may block: here the runtime is known.
    println!("a blocking thread: {}", tokio::task::spawn_blocking(|| bridge::run(|| call_database_code(URL))).await??);

    // Inside this task. The thread goes on with other tasks while the code waits.
    #[cfg(feature = "coroutines")]
    println!("this task:         {}", bridge::async_def(|| call_database_code(URL)).await?);

    // From a task that moves between workers, as the handlers of web servers do.
    let spawned = tokio::spawn(async { bridge::async_def_send(|| call_database_code(URL)).await });
    println!("a spawned task:    {}", spawned.await??);

    // Where the outermost call is missing, the message says what to write.
    println!("outside:           {}", bridge::try_awaitlet(async {}).unwrap_err());
    Ok(())
}
