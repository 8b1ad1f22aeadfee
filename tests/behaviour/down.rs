//! A server that goes away and comes back.

use std::time::Duration;

use futures::future::join_all;
use hiku::prelude::*;
use hiku::sql::Dialect;
use hiku::sqlx;
use hiku::sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use serde_json::{Value as Json, json};
use tokio::net::TcpListener;
use tokio::time::timeout;

use super::databases::{execute, numbers};
use super::fixture::{Query, ROWS};
use super::proxy::{Proxy, Way};

const LONG: Duration = Duration::from_secs(20);

/// The tables, and an engine over a pool that goes through the proxy.
async fn engine(proxy: &Proxy) -> (Engine, Db) {
    let db = Db::connect(&proxy.url).await.unwrap();
    hiku::sql::create_tables::<Query>(&db).await.unwrap();
    execute(&db, &ROWS).await;
    (Engine::builder(Graph::new::<Query>().unwrap()).data(db.clone()).build().unwrap(), db)
}

/// Open this many connections and leave them idle in the pool; their processes.
async fn idle(db: &Db, connections: u32) -> Vec<i64> {
    let mut held = Vec::new();
    let mut processes = Vec::new();
    for _ in 0..connections {
        let mut conn = db.conn().await.unwrap();
        processes.push(match db.dialect() {
            Dialect::MySql => {
                let process = sqlx::query_scalar("SELECT CAST(CONNECTION_ID() AS SIGNED)");
                process.fetch_one(conn.mysql().unwrap()).await.unwrap()
            }
            _ => {
                let process = sqlx::query_scalar("SELECT pg_backend_pid()::bigint");
                process.fetch_one(conn.postgres().unwrap()).await.unwrap()
            }
        });
        held.push(conn);
    }
    drop(held);
    let all_back = async {
        while db.stats().idle < connections {
            tokio::task::yield_now().await;
        }
    };
    timeout(LONG, all_back).await.expect("connections come back to the pool");
    processes
}

/// End a process of the server, and wait until it is gone.
async fn end(admin: &Db, process: i64) {
    let Some(pool) = admin.mysql() else {
        return admin.execute_raw(format!("SELECT pg_terminate_backend({process}, 20000)")).await.map(drop).unwrap();
    };
    admin.execute_raw(format!("KILL {process}")).await.unwrap();
    let is_there = "SELECT count(*) FROM information_schema.processlist WHERE id = ?";
    while sqlx::query_scalar::<_, i64>(is_there).bind(process).fetch_one(pool).await.unwrap() > 0 {
        tokio::task::yield_now().await;
    }
}

/// Every connection that the pool can have can be had at once: none is lost.
async fn assert_none_lost(db: &Db) {
    let most = db.stats().max;
    let all = timeout(LONG, join_all((0..most).map(|_| db.conn()))).await.expect("a connection is lost");
    assert!(all.iter().all(Result::is_ok));
    assert_eq!((db.stats().size, db.stats().idle), (most, 0));
}

const ASK: &str = "{ characters { name actors { name movies { title } } } movies { title } }";

fn assert_answers(value: &Json) {
    assert!(value.get("errors").is_none(), "{value}");
    assert_eq!(value["data"]["characters"][0]["actors"][1]["movies"][0]["title"], json!("Beyond"));
}

fn assert_masked(value: &Json) {
    let errors = value["errors"].as_array().unwrap_or_else(|| panic!("{value}"));
    for error in errors {
        assert!(error["message"].as_str().unwrap().starts_with("internal error (id "), "{value}");
    }
    assert!(!value.to_string().contains("127.0.0.1"), "{value}");
}

#[tokio::test]
async fn a_server_that_was_down_is_used_again_when_it_is_up() {
    for proxy in Proxy::before_each().await {
        let (engine, db) = engine(&proxy).await;
        for _ in 0..3 {
            assert_answers(&engine.execute(ASK).await.to_value());
            proxy.way.send_replace(Way::Down);
            for _ in 0..3 {
                assert_masked(&timeout(LONG, engine.execute(ASK)).await.unwrap().to_value());
            }
            proxy.way.send_replace(Way::Through);
            assert_answers(&engine.execute(ASK).await.to_value());
        }
        assert_none_lost(&db).await;
    }
}

#[tokio::test]
async fn a_port_where_nobody_listens_is_a_masked_error() {
    let port = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
    let options = PgConnectOptions::new().host("127.0.0.1").port(port).username("nobody");
    let pool = PgPoolOptions::new().acquire_timeout(Duration::from_millis(50)).connect_lazy_with(options);
    let engine = Engine::builder(Graph::new::<Query>().unwrap()).data(Db::from(pool)).build().unwrap();
    let value = engine.execute("{ character(id: 1) { name } movies { title } }").await.to_value();
    assert_masked(&value);
}

#[tokio::test]
async fn backends_that_were_terminated_while_idle_are_not_noticed() {
    for proxy in Proxy::before_each().await {
        let (engine, db) = engine(&proxy).await;
        let admin = Db::connect(&proxy.direct).await.unwrap();
        for _ in 0..3 {
            let processes = idle(&db, 6).await;
            for process in processes {
                end(&admin, process).await;
            }
            assert_answers(&engine.execute(ASK).await.to_value());
        }
        assert_none_lost(&db).await;
    }
}

#[tokio::test]
async fn connections_that_were_cut_while_idle_are_not_noticed() {
    for proxy in Proxy::before_each().await {
        let (engine, db) = engine(&proxy).await;
        for _ in 0..3 {
            idle(&db, 6).await;
            proxy.cut().await;
            assert_answers(&engine.execute(ASK).await.to_value());
        }
        assert_none_lost(&db).await;
    }
}

#[tokio::test]
async fn a_cut_in_the_middle_of_a_statement_is_one_error() {
    for proxy in Proxy::before_each().await {
        let (engine, db) = engine(&proxy).await;
        let rows = numbers(30_000);
        let insert = match db.dialect() {
            Dialect::MySql => {
                format!("INSERT INTO movie (id, title, year) {rows} SELECT n, repeat('x', 100), 1 FROM s WHERE n >= 10")
            }
            _ => {
                format!("{rows} INSERT INTO movie (id, title, year) SELECT n, repeat('x', 100), 1 FROM s WHERE n >= 10")
            }
        };
        execute(&db, &[&insert]).await;
        // The movies come in pages of a thousand: more than a hundred kilobytes.
        let ask = "{ a: character(id: 1) { name } movies(limit: 1000) { title } }";
        for _ in 0..3 {
            assert!(engine.execute(ask).await.is_ok());
            // Connections count their bytes from their beginning: those are new.
            proxy.cut().await;
            proxy.way.send_replace(Way::CutAfter(60_000));
            let value = engine.execute(ask).await.to_value();
            assert_masked(&value);
            assert_eq!(value["errors"].as_array().unwrap().len(), 1, "{value}");
            assert_eq!(value["errors"][0]["path"], json!(["movies"]));
            proxy.way.send_replace(Way::Through);
            assert!(engine.execute(ask).await.is_ok());
        }
        assert_none_lost(&db).await;
    }
}
