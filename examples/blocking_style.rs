//! Functions in blocking style over an asynchronous database, the same ones from everywhere: a plain thread, a task, spawned
//! tasks, a blocking thread. None of them blocks a worker of the runtime.

use hiku::bridge;
use hiku::prelude::*;

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
    db.blocking(hiku::sql::drop_tables::<Query>(db))?;
    db.blocking(hiku::sql::create_tables::<Query>(db))
}

fn work_with_data(db: &Db) -> Result<String> {
    for data in ["a1", "a2", "a3"] {
        Note::create(db, [Note::COLUMNS.data.set(data)]).blocking()?;
    }
    let a2 = Note::COLUMNS.data.eq("a2");
    Note::update(db, [Note::COLUMNS.data.set("modified")]).filter(a2).blocking()?;
    let notes = Note::select(db).blocking()?;
    Ok(notes.iter().map(|note| format!("{} {} ", note.id, note.data.as_deref().unwrap_or("-"))).collect())
}

fn call_database_code(url: &str) -> Result<String> {
    let db = Db::connect_blocking(url)?;
    set_up_tables(&db)?;
    work_with_data(&db)
}

/// Each call has a database of its own.
const URL: &str = "sqlite::memory:";

#[tokio::main]
async fn main() -> Result<()> {
    // A plain thread, which belongs to no runtime. It waits by blocking.
    let thread = std::thread::spawn(|| call_database_code(URL));
    // Elsewhere the thread would just be joined; this one is a worker.
    let answer = tokio::task::spawn_blocking(|| thread.join().expect("no panic")).await??;
    println!("a plain thread:    {answer}");

    // A thread that may block: here the runtime is known.
    println!("a blocking thread: {}", tokio::task::spawn_blocking(|| call_database_code(URL)).await??);

    // Inside this task. The thread goes on with other tasks while the code waits.
    #[cfg(feature = "coroutines")]
    println!("this task:         {}", bridge::async_def(|| call_database_code(URL)).await?);

    // From a task that moves between workers, as the handlers of web servers do.
    let spawned = tokio::spawn(async { bridge::async_def_send(|| call_database_code(URL)).await });
    println!("a spawned task:    {}", spawned.await??);

    // Async code needs none of that: each operation can be awaited.
    let db = Db::connect(URL).await?;
    hiku::sql::create_tables::<Query>(&db).await?;
    let note = Note::create(&db, [Note::COLUMNS.data.set("a1")]).await?;
    println!("async code:        {} {}", note.id, note.data.unwrap_or_default());

    // Where it forgets to, the message says what to write.
    println!("forgotten:         {}", Note::select(&db).blocking().err().expect("it is refused"));
    Ok(())
}
