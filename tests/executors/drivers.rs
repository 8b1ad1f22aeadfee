//! rusqlite and the crate postgres as sources of loaders, over connections on threads of their own.

use hiku::prelude::*;
use hiku::threads::{ConnPool, ThreadConn, Threads};
use postgres::{Client, NoTls};
use rusqlite::{Connection, OptionalExtension};
use tokio::time::timeout;

use super::databases::postgres_url;
use super::support::{LONG, on_plain_thread};

/// What both drivers can be asked here.
#[derive(Clone)]
enum Source {
    Lite(ConnPool<Connection>),
    Server(ConnPool<Client>),
}

impl Source {
    /// The users of these ids.
    fn users(&self, ids: Vec<i64>) -> Result<Vec<(i64, String)>> {
        match self {
            Source::Lite(pool) => {
                let rows = pool.run(move |connection| {
                    let mut find = connection.prepare_cached("SELECT id, name FROM users WHERE id = ?")?;
                    let mut rows = Vec::new();
                    for id in ids {
                        rows.extend(find.query_row([id], |row| Ok((row.get(0)?, row.get(1)?))).optional()?);
                    }
                    Ok::<_, rusqlite::Error>(rows)
                });
                Ok(rows.blocking()??)
            }
            Source::Server(pool) => {
                let rows =
                    pool.run(move |client| client.query("SELECT id, name FROM users WHERE id = ANY($1)", &[&ids]));
                Ok(rows.blocking()??.iter().map(|row| (row.get(0), row.get(1))).collect())
            }
        }
    }

    fn starting_with(&self, prefix: String) -> Result<Vec<i64>> {
        match self {
            Source::Lite(pool) => Ok(pool
                .run(move |connection| {
                    let text = "SELECT id FROM users WHERE name LIKE ? || '%' ORDER BY id";
                    let mut find = connection.prepare_cached(text)?;
                    find.query_map([prefix], |row| row.get(0))?.collect::<Result<_, rusqlite::Error>>()
                })
                .blocking()??),
            Source::Server(pool) => {
                let rows = pool.run(move |client| {
                    client.query("SELECT id FROM users WHERE name LIKE $1::text || '%' ORDER BY id", &[&prefix])
                });
                Ok(rows.blocking()??.iter().map(|row| row.get(0)).collect())
            }
        }
    }
}

#[node]
struct User {
    #[key]
    id: i64,
    name: String,
}

#[node]
impl User {
    #[load(blocking)]
    fn load(Data(source): Data<Source>, id: &[i64]) -> Result<Vec<(i64, User)>> {
        Ok(source.users(id.to_vec())?.into_iter().map(|(id, name)| (id, User { id, name })).collect())
    }

    #[link(blocking)]
    fn namesakes(Data(source): Data<Source>, name: &[&str]) -> Result<Vec<Many<User>>> {
        name.iter().map(|name| Ok(Many::keys(source.starting_with(name.chars().take(1).collect())?))).collect()
    }
}

#[root]
struct Query {
    #[link(by_key)]
    user: Maybe<User>,
}

#[root]
impl Query {
    #[link(blocking)]
    fn users(Data(source): Data<Source>, #[arg] name_starts: String) -> Result<Many<User>> {
        Ok(Many::keys(source.starting_with(name_starts)?))
    }
}

const ROWS: &str = "CREATE TABLE users (id BIGINT PRIMARY KEY, name TEXT NOT NULL);
    INSERT INTO users VALUES (1, 'Jeremy Goodwin'), (2, 'Natalie Hurley'), (3, 'Dan Rydell'), (4, 'Casey McCall'),
        (5, 'Dana Whitaker')";

const QUERY: &str =
    r#"{ users(nameStarts: "D") { name namesakes { id } } user(id: 2) { name } none: user(id: 9) { name } }"#;
const ANSWER: &str = r#"{"data":{"users":[{"name":"Dan Rydell","namesakes":[{"id":"3"},{"id":"5"}]},{"name":"Dana Whitaker","namesakes":[{"id":"3"},{"id":"5"}]}],"user":{"name":"Natalie Hurley"},"none":null}}"#;

async fn sources() -> Vec<Source> {
    let mut sources = vec![Source::Lite(ConnPool::new(1, || {
        let connection = Connection::open_in_memory()?;
        connection.execute_batch(ROWS)?;
        Ok::<_, rusqlite::Error>(connection)
    }))];
    if let Some(url) = server().await {
        let made = ThreadConn::connect({
            let url = url.clone();
            move || Client::connect(&url, NoTls)
        });
        let made = made.await.unwrap();
        made.run(|client| client.batch_execute(ROWS)).await.unwrap().unwrap();
        made.close().await.unwrap();
        let pool = ConnPool::new(2, move || Client::connect(&url, NoTls)).check(|client: &Client| !client.is_closed());
        sources.push(Source::Server(pool));
    }
    sources
}

/// As tokio-postgres reads addresses: it wants a space where sqlx takes none.
async fn server() -> Option<String> {
    let (url, _) = postgres_url().await?;
    Some(url.replace("options=-csearch_path", "options=-c%20search_path"))
}

#[tokio::test(flavor = "multi_thread")]
async fn blocking_drivers_are_sources_on_every_executor() {
    for source in sources().await {
        for threads in [None, Some(Threads::new(1)), Some(Threads::new(4))] {
            let mut engine = Engine::builder(Graph::new::<Query>().unwrap()).data(source.clone());
            if let Some(threads) = threads {
                engine = engine.threads(threads);
            }
            let engine = engine.build().unwrap();
            assert_eq!(engine.execute(QUERY).await.to_string(), ANSWER);
            assert_eq!(on_plain_thread(move || engine.execute_blocking(QUERY)).await.to_string(), ANSWER);
        }
    }
}

#[tokio::test]
async fn a_connection_that_the_server_ended_is_replaced() {
    let Some(url) = server().await else { return };
    let pool = ConnPool::new(1, move || Client::connect(&url, NoTls)).check(|client: &Client| !client.is_closed());
    let id = |client: &mut Client| client.query_one("SELECT pg_backend_pid()", &[]).map(|row| row.get::<_, i32>(0));
    let first = pool.run(id).await.unwrap().unwrap();
    pool.run(|client| client.execute("SELECT pg_terminate_backend(pg_backend_pid())", &[])).await.unwrap().unwrap_err();
    // The driver may need one more try to see it.
    let second = match pool.run(id).await.unwrap() {
        Ok(second) => second,
        Err(_) => pool.run(id).await.unwrap().unwrap(),
    };
    assert_ne!(second, first);
    pool.close().await.unwrap();
}

#[tokio::test]
async fn c10_a_statement_on_the_server_is_cancelled_and_the_connection_is_used_again() {
    let Some(url) = server().await else { return };
    let pool = ConnPool::new(1, move || Client::connect(&url, NoTls)).interrupt(|client: &Client| {
        let token = client.cancel_token();
        move || drop(token.cancel_query(NoTls))
    });
    let id = |client: &mut Client| client.query_one("SELECT pg_backend_pid()", &[]).map(|row| row.get::<_, i32>(0));
    let first = pool.run(id).await.unwrap().unwrap();
    for _ in 0..5 {
        let (starts, started) = tokio::sync::oneshot::channel();
        let mut sleeps = Box::pin(pool.run(move |client| {
            let _ = starts.send(());
            client.execute("SELECT pg_sleep(600)", &[])
        }));
        assert!(futures::poll!(sleeps.as_mut()).is_pending());
        started.await.unwrap();
        drop(sleeps);
        let again = async || loop {
            match pool.run(id).await.unwrap() {
                Ok(id) => break id,
                // The server was slow: it is cancelled a second time.
                Err(error) => assert_eq!(error.code(), Some(&postgres::error::SqlState::QUERY_CANCELED)),
            }
        };
        assert_eq!(timeout(LONG, again()).await.expect("it sleeps on"), first);
    }
}
