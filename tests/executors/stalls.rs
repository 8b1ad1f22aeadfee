//! A wide answer does not stall the runtime.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use hiku::prelude::*;
use hiku::sql::Dialect;

use super::databases::on_each;

/// A hundred thousand rows.
#[node(table = "wide")]
struct Wide {
    #[key]
    id: i64,
    text: String,
    number: i64,
}

#[root]
struct Query {
    #[link(all)]
    wide: Many<Wide>,
}

const LITE: &str = "WITH RECURSIVE c (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c LIMIT 100000)
    INSERT INTO wide SELECT n, 'number ' || n, n * 7 FROM c";
const MARIA: &str = "INSERT INTO wide SELECT seq, concat('number ', seq), seq * 7 FROM seq_1_to_100000";
const SERVER: &str = "INSERT INTO wide SELECT n, 'number ' || n, n * 7 FROM generate_series(1, 100000) n";

#[tokio::test]
async fn c14_a_hundred_thousand_rows_do_not_stall_the_runtime() {
    on_each(async |db| {
        hiku::sql::create_tables::<Query>(&db).await.unwrap();
        let rows = match db.dialect() {
            Dialect::Sqlite => LITE,
            Dialect::MySql => MARIA,
            _ => SERVER,
        };
        db.execute(rows).await.unwrap();
        let engine = Engine::builder(Graph::new::<Query>().unwrap()).data(db.clone()).build().unwrap();
        // Once, so that it is known how long the statement takes.
        engine.execute("{ wide { id text number } }").await;
        let done = Arc::new(AtomicBool::new(false));
        let ended = done.clone();
        let ticker = tokio::spawn(async move {
            let mut gaps = Vec::new();
            let mut last = Instant::now();
            while !ended.load(Ordering::SeqCst) {
                tokio::time::sleep(Duration::from_millis(1)).await;
                gaps.push(last.elapsed());
                last = Instant::now();
            }
            gaps.sort();
            gaps
        });
        let since = Instant::now();
        let response = engine.execute("{ wide { id text number } }").await;
        let took = since.elapsed();
        done.store(true, Ordering::SeqCst);
        let gaps = ticker.await.unwrap();
        assert!(response.is_ok());
        // But for the one piece in which the columns are put together and the response is written.
        let longest: Vec<_> = gaps.iter().rev().take(4).collect();
        // A machine that has other things to do stands still for a while, too.
        let limit = Duration::from_millis(100).max(took / 4);
        assert!(*longest[1] < limit, "{:?} in {took:?}: {longest:?}", db.dialect());
        assert!(gaps.len() > 10, "{} ticks in {took:?}", gaps.len());
        db.close().await;
    })
    .await;
}
