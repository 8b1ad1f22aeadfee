//! Graph queries inside transactions.

use hiku::prelude::*;
use serde_json::json;

use super::databases::execute;
use super::fixture::{Query, enterprise};
use super::support::{Outcome, on_each};

#[tokio::test]
async fn c48_loaders_see_what_is_not_stored_yet() {
    on_each(|db| async move {
        let engine: Engine = enterprise(db.clone()).await;
        const ASK: &str = "{ characters { name actors { name movies { title } } } actors { id } }";
        let before = engine.execute(ASK).await.to_value();
        assert!(before.get("errors").is_none(), "{before}");
        let done: Outcome = db
            .atomic(|| async {
                execute(&db, &["UPDATE \"character\" SET name = 'Jim' WHERE id = 1", "DELETE FROM casting"]).await;
                let inside = engine.execute(ASK).await.to_value();
                assert!(inside.get("errors").is_none(), "{inside}");
                assert_eq!(inside["data"]["characters"][0]["name"], json!("Jim"));
                assert_eq!(inside["data"]["characters"][0]["actors"][0]["movies"], json!([]));
                let nested: Outcome = db
                    .atomic(|| async {
                        execute(&db, &["DELETE FROM actor"]).await;
                        let inside = engine.execute(ASK).await.to_value();
                        assert_eq!(inside["data"]["actors"], json!([]));
                        Err("undone".into())
                    })
                    .await;
                assert!(nested.is_err());
                let (one, two) = futures::join!(engine.execute(ASK), engine.execute(ASK));
                assert_eq!(one.to_value(), inside);
                assert_eq!(two.to_value(), inside);
                Err("undone".into())
            })
            .await;
        assert_eq!(done.unwrap_err().to_string(), "undone");
        assert_eq!(engine.execute(ASK).await.to_value(), before);
        // Also in a transaction in the hand.
        let mut tx = db.begin().await.unwrap();
        tx.execute("DELETE FROM casting; DELETE FROM actor").await.unwrap();
        let inside = tx.within(|| engine.execute("{ actors { id } }")).await.to_value();
        assert_eq!(inside, json!({"data": {"actors": []}}));
        drop(tx);
        assert_eq!(engine.execute(ASK).await.to_value(), before);
        hiku::sql::drop_tables::<Query>(&db).await.unwrap();
    })
    .await;
}
