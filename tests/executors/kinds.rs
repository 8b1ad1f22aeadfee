//! What a function is, is known before it runs.

use hiku::OnBlocking;
use hiku::prelude::*;
use hiku::threads::Threads;
use serde_json::json;
use tokio::runtime::Handle;

use super::databases::{mariadb, postgres, sqlite};
use super::support::{Calls, Query, builder, drive, fill, on_plain_thread, pools};

const ALL: &str = "{ count stars { length mass twins { id mass } planets { moons { name } } } }";
const CALLED: [&str; 6] = ["count[0]", "length[3]", "mass[3]", "mass[3]", "moon[6]", "twins[3]"];

#[tokio::test]
async fn c04_a_function_is_called_once_for_a_batch_on_every_executor() {
    let db = sqlite().await;
    fill(&db).await;
    let (graph, calls) = (Graph::new::<Query>().unwrap(), Calls::default());
    for pool in pools() {
        let mut engine = builder(&graph, &db, &calls);
        if let Some(pool) = pool {
            engine = engine.threads(pool);
        }
        let engine = engine.build().unwrap();
        assert!(engine.execute(ALL).await.is_ok());
        assert_eq!(calls.take(), CALLED);
        assert!(on_plain_thread(move || engine.execute_blocking(ALL)).await.is_ok());
        assert_eq!(calls.take(), CALLED);
    }
    let engine = builder(&graph, &db, &calls).on_blocking(OnBlocking::Inline).build().unwrap();
    assert!(engine.execute(ALL).await.is_ok());
    assert_eq!(calls.take(), CALLED);
}

#[tokio::test]
async fn c05_where_blocking_is_denied_it_is_refused_by_name_and_the_rest_passes() {
    let db = sqlite().await;
    fill(&db).await;
    let calls = Calls::default();
    let engine = builder(&Graph::new::<Query>().unwrap(), &db, &calls).on_blocking(OnBlocking::Deny).build().unwrap();
    for (query, name) in [
        ("{ later count }", "Query.count"),
        ("{ later stars { length mass } }", "Star.mass"),
        ("{ later stars { twins { id } } }", "Star.twins"),
        ("{ later planets { moons { id } } }", "Moon.load"),
    ] {
        let error = &engine.execute(query).await.to_value()["errors"][0];
        let message = format!("`{name}` blocks, and loaders that block are not allowed here");
        assert_eq!((&error["message"], &error["extensions"]["code"]), (&json!(message), &json!("BLOCKING_LOADER")));
    }
    assert_eq!(calls.take(), [""; 0], "nothing ran");
    let response = engine.execute("{ later starsLater { initial length planets { name } } }").await;
    assert!(response.is_ok(), "{response}");
}

#[tokio::test]
async fn c06_without_a_runtime_what_is_asynchronous_is_refused_before_anything_ran() {
    let db = sqlite().await;
    fill(&db).await;
    let (graph, calls) = (Graph::new::<Query>().unwrap(), Calls::default());
    for pool in pools() {
        let mut engine = builder(&graph, &db, &calls);
        if let Some(pool) = pool {
            engine = engine.threads(pool);
        }
        let engine = engine.build().unwrap();
        for (query, name) in
            [("{ count later }", "Query.later"), ("{ count starsLater { mass } }", "Query.stars_later")]
        {
            let error = &engine.execute_blocking(query).to_value()["errors"][0];
            let message = format!("`{name}` is asynchronous; use `execute`");
            assert_eq!((&error["message"], &error["extensions"]["code"]), (&json!(message), &json!("ASYNC_LOADER")));
        }
    }
    assert_eq!(calls.take(), [""; 0], "nothing ran");
    for db in [postgres().await, mariadb().await].into_iter().flatten() {
        let engine = builder(&graph, &db, &calls).build().unwrap();
        let response = engine.execute_blocking("{ count stars { name } }").to_string();
        assert!(response.contains("the database of `Star` needs a runtime; use `execute`"), "{response}");
        assert_eq!(calls.take(), [""; 0], "nothing ran");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn c06_with_a_runtime_it_is_waited_for_but_not_inside_async_code() {
    let db = sqlite().await;
    fill(&db).await;
    let (graph, calls) = (Graph::new::<Query>().unwrap(), Calls::default());
    for pool in pools() {
        let mut engine = builder(&graph, &db, &calls).bridge(Handle::current());
        if let Some(pool) = pool {
            engine = engine.threads(pool);
        }
        let engine = engine.build().unwrap();
        let inside = engine.execute_blocking("{ count later }").to_string();
        assert!(inside.contains("`execute_blocking` cannot wait inside async code; use `execute`"), "{inside}");
        assert_eq!(calls.take(), [""; 0], "nothing ran");
        // What needs no runtime is none of its business.
        assert!(engine.execute_blocking("{ count }").is_ok());
        let response = on_plain_thread(move || engine.execute_blocking("{ count later }")).await;
        assert_eq!(response.to_string(), r#"{"data":{"count":3,"later":7}}"#);
        calls.take();
    }
}

#[tokio::test]
async fn what_blocks_runs_elsewhere_what_computes_does_not() {
    #[root]
    struct Query {}
    #[root]
    impl Query {
        #[field(blocking)]
        fn blocks() -> String {
            format!("{:?} {}", std::thread::current().id(), std::thread::current().name().unwrap_or_default())
        }
        #[field]
        fn computes() -> String {
            format!("{:?}", std::thread::current().id())
        }
    }
    let graph = Graph::new::<Query>().unwrap();
    let here = format!("{:?}", std::thread::current().id());
    let engine = Engine::builder(graph.clone()).build().unwrap();
    let value = engine.execute("{ blocks computes }").await.to_value();
    assert_eq!(value["data"]["computes"], json!(here));
    assert!(!value["data"]["blocks"].as_str().unwrap().starts_with(&here), "{value}");
    let engine = Engine::builder(graph.clone()).threads(Threads::new(2)).build().unwrap();
    let value = engine.execute("{ blocks computes }").await.to_value();
    assert_eq!(value["data"]["computes"], json!(here));
    assert!(value["data"]["blocks"].as_str().unwrap().ends_with(" hiku-loader"), "{value}");
    let engine = Engine::builder(graph.clone()).on_blocking(OnBlocking::Inline).build().unwrap();
    let value = engine.execute("{ blocks computes }").await.to_value();
    assert!(value["data"]["blocks"].as_str().unwrap().starts_with(&here), "{value}");
    // Nor is a runtime needed: any executor of futures will do.
    let engine = Engine::builder(graph).build().unwrap();
    let value = on_plain_thread(move || drive(engine.execute("{ blocks }")).to_value()).await;
    assert!(value["data"]["blocks"].as_str().unwrap().ends_with(" hiku-loader"), "{value}");
}
