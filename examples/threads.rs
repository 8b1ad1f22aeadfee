//! A blocking driver, rusqlite, in threads: connections that have a thread each, and a graph over them that tasks and plain
//! threads ask alike.

use hiku::prelude::*;
use hiku::threads::{ConnPool, ThreadConn, Threads};
use rusqlite::Connection;

type Pool = ConnPool<Connection>;

/// Someone with a name.
#[node]
pub struct User {
    #[key]
    id: i64,
    name: String,
}

#[node]
impl User {
    #[load(blocking)]
    fn load(Data(pool): Data<Pool>, id: &[i64]) -> Result<Vec<(i64, User)>> {
        let ids = id.to_vec();
        let users = pool.run(move |connection| {
            let mut find = connection.prepare_cached("SELECT name FROM users WHERE id = ?")?;
            let user = |id| Ok((id, User { id, name: find.query_row([id], |row| row.get(0))? }));
            ids.into_iter().map(user).collect::<rusqlite::Result<_>>()
        });
        Ok(users.blocking()??)
    }
}

/// Where queries start.
#[root]
pub struct Query {}

#[root]
impl Query {
    /// Those whose names start so.
    #[link(blocking)]
    fn users(Data(pool): Data<Pool>, #[arg(default = "")] name_starts: String) -> Result<Many<User>> {
        let ids = pool.run(move |connection| starting_with(connection, &name_starts)).blocking()??;
        Ok(Many::keys(ids.into_iter().map(|(id, _)| id)))
    }
}

fn starting_with(connection: &mut Connection, prefix: &str) -> rusqlite::Result<Vec<(i64, String)>> {
    let text = "SELECT id, name FROM users WHERE substr(name, 1, length(?1)) = ?1 ORDER BY id";
    let mut find = connection.prepare_cached(text)?;
    find.query_map([prefix], |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
}

const NAMES: [&str; 5] = ["Jeremy Goodwin", "Natalie Hurley", "Dan Rydell", "Casey McCall", "Dana Whitaker"];

const QUERY: &str = r#"{ users(nameStarts: "D") { id name } }"#;

#[tokio::main]
async fn main() -> Result<()> {
    let path = std::env::temp_dir().join(format!("hiku-threads-{}.db", std::process::id()));
    let connect = {
        let path = path.clone();
        move || Connection::open(&path)
    };
    // Implicit: whichever connection is free, up to two.
    let pool = ConnPool::new(2, connect.clone());
    pool.run(|connection| connection.execute_batch("CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT)")).await??;

    // Explicit: one connection, whose thread does everything.
    let connection = ThreadConn::connect(connect).await?;
    for name in NAMES {
        connection.run(move |connection| connection.execute("INSERT INTO users (name) VALUES (?)", [name])).await??;
    }
    for (_, name) in connection.run(|connection| starting_with(connection, "D")).await?? {
        println!("Username: {name}");
    }
    let one: i64 = connection
        .run(|connection| {
            let transaction = connection.transaction()?;
            let one = transaction.query_row("SELECT 1", (), |row| row.get(0))?;
            transaction.commit()?;
            Ok::<_, rusqlite::Error>(one)
        })
        .await??;
    assert_eq!(one, 1);
    connection.close().await?;
    println!("closed:   {}", connection.run(|_| ()).await.unwrap_err());

    // The same graph: in this task, on this thread, and on threads of a pool.
    let graph = Graph::new::<Query>()?;
    let engine = Engine::builder(graph.clone()).data(pool.clone()).build()?;
    let on_threads = Engine::builder(graph).data(pool.clone()).threads(Threads::new(4)).build()?;
    let in_task = engine.execute(QUERY).await;
    println!("task:     {in_task}");
    let (here, on_threads) =
        tokio::task::spawn_blocking(move || (engine.execute_blocking(QUERY), on_threads.execute_blocking(QUERY)))
            .await?;
    println!("thread:   {here}");
    println!("threads:  {on_threads}");
    assert!(in_task.bytes() == here.bytes() && here.bytes() == on_threads.bytes());

    pool.run(|connection| connection.execute_batch("DROP TABLE users")).await??;
    pool.close().await?;
    std::fs::remove_file(path)?;
    Ok(())
}
