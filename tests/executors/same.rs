//! The same answers, whoever runs the loaders.

use hiku::prelude::*;
use hiku::{EngineBuilder, OnBlocking};
use tokio::runtime::Handle;
use tokio::time::timeout;

use super::databases::{Folder, on_each, sqlite};
use super::support::{Calls, LONG, QUERIES, Query, builder, fill, on_plain_thread, pools};

/// Each query by every executor of these engines: the same bytes.
async fn compare(db: &Db, queries: &[&'static str], blocking: impl Fn(EngineBuilder) -> EngineBuilder) {
    let graph = Graph::new::<Query>().unwrap();
    let calls = Calls::default();
    let plain = builder(&graph, db, &calls).build().unwrap();
    for &query in queries {
        let expected = timeout(LONG, plain.execute(query)).await.unwrap();
        for policy in [OnBlocking::Offload, OnBlocking::Inline] {
            for pool in pools() {
                let mut engine = builder(&graph, db, &calls).on_blocking(policy);
                if let Some(pool) = &pool {
                    engine = engine.threads(pool.clone());
                }
                let engine = engine.build().unwrap();
                let response = timeout(LONG, engine.execute(query)).await.unwrap();
                assert_eq!(response.to_string(), expected.to_string(), "{policy:?} {pool:?}");
                let spawned = tokio::spawn(async move { engine.execute(query).await });
                assert_eq!(spawned.await.unwrap().bytes(), expected.bytes(), "spawned, {policy:?} {pool:?}");
            }
        }
        for pool in pools() {
            let mut engine = blocking(builder(&graph, db, &calls));
            if let Some(pool) = &pool {
                engine = engine.threads(pool.clone());
            }
            let engine = engine.build().unwrap();
            let response = on_plain_thread(move || engine.execute_blocking(query)).await;
            assert_eq!(response.to_string(), expected.to_string(), "blocking, {pool:?}");
            let names = |response: &Response| {
                let mut names: Vec<_> = response.loads().iter().map(|load| (load.name.clone(), load.keys)).collect();
                names.sort();
                names
            };
            assert_eq!(names(&response), names(&expected), "{query}: the same loads");
        }
    }
}

#[tokio::test]
async fn c01_one_graph_answers_the_same_bytes_on_every_executor() {
    let folder = Folder::new();
    for db in [sqlite().await, Db::connect(&folder.sqlite()).await.unwrap()] {
        fill(&db).await;
        compare(&db, &QUERIES, |engine| engine).await;
        db.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn c01_likewise_what_is_asynchronous_and_every_database_with_a_bridge() {
    on_each(async |db| {
        fill(&db).await;
        let queries: Vec<&str> = QUERIES
            .into_iter()
            .chain(["{ later starsLater { mass planets { name } } stars { twins { id } } }"])
            .collect();
        compare(&db, &queries, |engine| engine.bridge(Handle::current())).await;
        db.close().await;
    })
    .await;
}

#[tokio::test]
async fn a_database_with_rows_needs_no_runtime_not_even_in_a_task() {
    let db = sqlite().await;
    fill(&db).await;
    let graph = Graph::new::<Query>().unwrap();
    let engine = builder(&graph, &db, &Calls::default()).build().unwrap();
    // Blocks this thread, the only one of the runtime.
    let response = engine.execute_blocking("{ stars { name planets { name } } }");
    assert_eq!(response.bytes(), engine.execute("{ stars { name planets { name } } }").await.bytes());
    assert_eq!(response.loads()[1].keys, 3);
    assert!(response.loads()[1].statement.as_deref().unwrap().contains("json_each"));
}

#[tokio::test]
async fn without_a_runtime_a_transaction_of_the_task_is_not_seen_so_it_is_refused() {
    let db = sqlite().await;
    fill(&db).await;
    let graph = Graph::new::<Query>().unwrap();
    let engine = builder(&graph, &db, &Calls::default()).build().unwrap();
    db.atomic(|| async {
        db.execute("INSERT INTO star (id, name) VALUES (4, 'Rigel')").await?;
        let response = engine.execute_blocking("{ stars { id } }").to_string();
        assert!(response.contains("`Star` is in a transaction of this task; use `execute`"), "{response}");
        assert!(engine.execute("{ star(id: 4) { name } }").await.to_string().contains("Rigel"));
        Ok::<_, Error>(())
    })
    .await
    .unwrap();
}

#[tokio::test]
async fn a_writer_is_waited_for_without_a_runtime() {
    let db = sqlite().await;
    fill(&db).await;
    let engine = builder(&Graph::new::<Query>().unwrap(), &db, &Calls::default()).build().unwrap();
    // In memory, whoever writes keeps readers out.
    let mut writer = db.sqlite().unwrap().begin_with("BEGIN IMMEDIATE").await.unwrap();
    hiku::sqlx::query("UPDATE star SET name = 'Sirius' WHERE id = 1").execute(&mut *writer).await.unwrap();
    let reader = tokio::spawn(on_plain_thread(move || engine.execute_blocking("{ star(id: 1) { name } }")));
    tokio::time::sleep(std::time::Duration::from_millis(30)).await;
    assert!(!reader.is_finished());
    writer.commit().await.unwrap();
    assert_eq!(reader.await.unwrap().to_string(), r#"{"data":{"star":{"name":"Sirius"}}}"#);
}
