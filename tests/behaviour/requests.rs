//! Requests and responses as values.

use hiku::prelude::*;
use serde_json::json;

use super::databases::sqlite;
use super::fixture::enterprise;

#[tokio::test]
async fn responses_are_bytes_values_and_types() {
    #[derive(serde::Deserialize, Debug, PartialEq)]
    struct Data {
        character: Named,
    }
    #[derive(serde::Deserialize, Debug, PartialEq)]
    struct Named {
        name: String,
    }
    let engine = enterprise(sqlite().await).await;
    let response = engine.execute("{ character(id: 2) { name } }").await;
    assert!(response.is_ok());
    assert_eq!(response.data::<Data>().unwrap(), Data { character: Named { name: "Spock".into() } });
    assert_eq!(response.into_bytes(), br#"{"data":{"character":{"name":"Spock"}}}"#);
    let refused = engine.execute("{ nobody }").await;
    assert!(!refused.is_ok());
    assert!(refused.data::<Data>().unwrap_err().to_string().contains("nobody"));
}

#[tokio::test]
async fn requests_are_read_as_clients_send_them() {
    let engine = enterprise(sqlite().await).await;
    let body = json!({"query": "query A { actors { id } } query B($id: ID!) { character(id: $id) { name } }",
        "operationName": "B", "variables": {"id": 1}, "extensions": {}});
    let request: Request = serde_json::from_value(body).unwrap();
    assert_eq!(engine.execute(request).await.to_string(), r#"{"data":{"character":{"name":"James T. Kirk"}}}"#);
    for body in [json!({}), json!({"query": 1}), json!({"query": "{ a }", "variables": []}), json!([])] {
        assert!(serde_json::from_value::<Request>(body).is_err());
    }
}

#[tokio::test]
async fn a_request_can_bring_its_own_database() {
    let (first, second) = (sqlite().await, sqlite().await);
    let engine = enterprise(first).await;
    hiku::sql::create_tables::<super::fixture::Query>(&second).await.unwrap();
    super::databases::execute(&second, &["INSERT INTO \"character\" (id, name) VALUES (7, 'Picard')"]).await;
    let response = engine.execute(Request::new("{ characters { name } }").data(second)).await;
    assert_eq!(response.to_string(), r#"{"data":{"characters":[{"name":"Picard"}]}}"#);
    let response = engine.execute("{ characters { id } }").await;
    assert_eq!(response.to_string(), r#"{"data":{"characters":[{"id":"1"},{"id":"2"},{"id":"3"}]}}"#);
}

#[tokio::test]
async fn requests_on_a_pool_of_one_never_wait_for_each_other_forever() {
    // An in-memory SQLite database has one connection; the function of the root takes one of its own.
    #[root]
    struct Both {
        #[link(all)]
        characters: Many<super::fixture::Character>,
    }
    #[root]
    impl Both {
        #[link]
        async fn some(Data(db): Data<Db>) -> Result<Many<super::fixture::Character>> {
            tokio::task::yield_now().await;
            let ids = hiku::sqlx::query_scalar::<_, i64>("SELECT id FROM \"character\"")
                .fetch_all(db.sqlite().unwrap())
                .await?;
            Ok(Many::keys(ids))
        }
    }
    let db = sqlite().await;
    drop(enterprise(db.clone()).await);
    let engine = Engine::builder(Graph::new::<Both>().unwrap()).data(db).build().unwrap();
    let requests = (0..50).map(|_| {
        let engine = engine.clone();
        tokio::spawn(async move {
            engine.execute("{ characters { name actors { character { name } } } some { name actors { name } } }").await
        })
    });
    let all = futures::future::join_all(requests.collect::<Vec<_>>());
    for response in tokio::time::timeout(std::time::Duration::from_secs(20), all).await.expect("no deadlock") {
        assert!(response.unwrap().is_ok());
    }
}

#[tokio::test]
async fn a_dropped_request_leaves_the_engine_usable() {
    let engine = enterprise(sqlite().await).await;
    let query = "{ characters { name actors { name movies { title } } } }";
    let expected = engine.execute(query).await.to_string();
    for polls in 0..40 {
        let mut future = Box::pin(engine.execute(query));
        for _ in 0..polls {
            if futures::poll!(&mut future).is_ready() {
                break;
            }
            tokio::task::yield_now().await;
        }
        drop(future);
    }
    assert_eq!(engine.execute(query).await.to_string(), expected);
}
