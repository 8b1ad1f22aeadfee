//! A PostgreSQL server that goes away and comes back.

use std::time::Duration;

use hiku::prelude::*;
use hiku::sqlx::PgPool;
use hiku::sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use serde_json::{Value as Json, json};
use tokio::net::TcpListener;
use tokio::time::timeout;

use super::databases::execute;
use super::fixture::{Query, ROWS};
use super::proxy::{Proxy, Way};

const LONG: Duration = Duration::from_secs(20);

/// The tables, and an engine over a pool that goes through the proxy.
async fn engine(proxy: &Proxy) -> (Engine, PgPool) {
    let db = Db::connect(&proxy.url).await.unwrap();
    hiku::sql::create_tables::<Query>(&db).await.unwrap();
    execute(&db, &ROWS).await;
    let pool = db.postgres().unwrap().clone();
    (Engine::builder(Graph::new::<Query>().unwrap()).data(db).build().unwrap(), pool)
}

/// Open this many connections and leave them idle in the pool; their processes.
async fn idle(pool: &PgPool, connections: usize) -> Vec<i32> {
    let mut held = Vec::new();
    let mut processes = Vec::new();
    for _ in 0..connections {
        let mut connection = pool.acquire().await.unwrap();
        processes.push(hiku::sqlx::query_scalar("SELECT pg_backend_pid()").fetch_one(&mut *connection).await.unwrap());
        held.push(connection);
    }
    drop(held);
    let all_back = async {
        while pool.num_idle() < connections {
            tokio::task::yield_now().await;
        }
    };
    timeout(LONG, all_back).await.expect("connections come back to the pool");
    processes
}

/// Every connection that the pool can have can be had at once: none is lost.
async fn assert_none_lost(pool: &PgPool) {
    let most = pool.options().get_max_connections();
    let mut held = Vec::new();
    for _ in 0..most {
        held.push(timeout(LONG, pool.acquire()).await.expect("a connection is lost").unwrap());
    }
    assert_eq!((pool.size(), pool.num_idle()), (most, 0));
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
    let Some(proxy) = Proxy::start().await else { return };
    let (engine, pool) = engine(&proxy).await;
    for _ in 0..3 {
        assert_answers(&engine.execute(ASK).await.to_value());
        proxy.way.send_replace(Way::Down);
        for _ in 0..3 {
            assert_masked(&timeout(LONG, engine.execute(ASK)).await.unwrap().to_value());
        }
        proxy.way.send_replace(Way::Through);
        assert_answers(&engine.execute(ASK).await.to_value());
    }
    assert_none_lost(&pool).await;
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
    let Some(proxy) = Proxy::start().await else { return };
    let (engine, pool) = engine(&proxy).await;
    let admin = Db::connect(&std::env::var("HIKU_TEST_POSTGRES").unwrap()).await.unwrap();
    for _ in 0..3 {
        let processes = idle(&pool, 6).await;
        let ended: Vec<bool> = hiku::sqlx::query_scalar("SELECT pg_terminate_backend(p, 20000) FROM unnest($1) p")
            .bind(processes)
            .fetch_all(admin.postgres().unwrap())
            .await
            .unwrap();
        assert_eq!(ended, [true; 6]);
        assert_answers(&engine.execute(ASK).await.to_value());
    }
    assert_none_lost(&pool).await;
}

#[tokio::test]
async fn connections_that_were_cut_while_idle_are_not_noticed() {
    let Some(proxy) = Proxy::start().await else { return };
    let (engine, pool) = engine(&proxy).await;
    for _ in 0..3 {
        idle(&pool, 6).await;
        proxy.cut();
        proxy.way.send_replace(Way::Through);
        assert_answers(&engine.execute(ASK).await.to_value());
    }
    assert_none_lost(&pool).await;
}

#[tokio::test]
async fn a_cut_in_the_middle_of_a_statement_is_one_error() {
    let Some(proxy) = Proxy::start().await else { return };
    let (engine, pool) = engine(&proxy).await;
    let db = Db::from(pool.clone());
    execute(
        &db,
        &["INSERT INTO movie (id, title, year) SELECT n, repeat('x', 100), 1 FROM generate_series(10, 30000) n"],
    )
    .await;
    // The movies come in pages of a thousand: more than a hundred kilobytes.
    let ask = "{ a: character(id: 1) { name } movies(limit: 1000) { title } }";
    for _ in 0..3 {
        assert!(engine.execute(ask).await.is_ok());
        proxy.way.send_replace(Way::CutAfter(60_000));
        let value = engine.execute(ask).await.to_value();
        assert_masked(&value);
        assert_eq!(value["errors"].as_array().unwrap().len(), 1, "{value}");
        assert_eq!(value["errors"][0]["path"], json!(["movies"]));
        proxy.way.send_replace(Way::Through);
        assert!(engine.execute(ask).await.is_ok());
    }
    assert_none_lost(&pool).await;
}
