//! A panic in a loader is an error at its path; whoever ran it goes on.

use hiku::prelude::*;
use hiku::threads::Threads;
use serde_json::{Value as Json, json};
use tokio::runtime::Handle;

use super::support::on_plain_thread;

#[node(memory)]
struct Thing {
    #[key]
    id: i64,
}

#[node]
impl Thing {
    #[field(blocking)]
    fn blocks(id: &[i64]) -> Vec<Option<i64>> {
        panic!("blocking {}", id.len())
    }
    #[field]
    fn inline(id: &[i64]) -> Vec<Option<i64>> {
        panic!("inline {}", id.len())
    }
    #[field]
    fn pure(id: i64) -> Option<i64> {
        panic!("pure {id}")
    }
    #[field]
    async fn later(id: &[i64]) -> Vec<Option<i64>> {
        tokio::task::yield_now().await;
        panic!("later {}", id.len())
    }
    #[link(blocking)]
    fn link(id: &[i64]) -> Vec<Maybe<Thing>> {
        panic!("link {}", id.len())
    }
    #[field(blocking)]
    fn thread(id: &[i64]) -> Vec<String> {
        id.iter().map(|_| format!("{:?}", std::thread::current().id())).collect()
    }
}

#[root]
struct Query {
    #[link(all)]
    things: Many<Thing>,
}

const PANICS: &str = "{ things { blocks inline pure later link { id } } }";

fn check(response: &Json) {
    let none = json!({"blocks": null, "inline": null, "pure": null, "later": null, "link": null});
    assert_eq!(response["data"], json!({"things": [none, none]}), "{response}");
    let paths: Vec<_> = response["errors"].as_array().unwrap().iter().map(|error| &error["path"]).collect();
    let expected: Vec<_> = (0..2)
        .flat_map(|at| ["blocks", "inline", "pure", "later", "link"].map(|field| json!(["things", at, field])))
        .collect();
    assert_eq!(paths, expected.iter().collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread")]
async fn c09_a_panic_is_an_error_at_its_path_and_threads_survive_it() {
    let graph = Graph::new::<Query>().unwrap();
    let things = Memory::new(&[Thing { id: 1 }, Thing { id: 2 }]);
    let builder = || Engine::builder(graph.clone()).data(things.clone()).bridge(Handle::current());
    for engine in [builder().build(), builder().threads(Threads::new(1)).build()] {
        let engine = engine.unwrap();
        for _ in 0..3 {
            check(&engine.execute(PANICS).await.to_value());
            let same = engine.clone();
            check(&on_plain_thread(move || same.execute_blocking(PANICS)).await.to_value());
        }
    }
    let engine = builder().threads(Threads::new(1)).build().unwrap();
    let thread = async || engine.execute("{ things { thread } }").await.to_string();
    let before = thread().await;
    check(&engine.execute(PANICS).await.to_value());
    assert_eq!(thread().await, before, "the same thread");
}
