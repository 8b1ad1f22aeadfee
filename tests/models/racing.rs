//! Many at once.

use futures::future::join_all;
use hiku::prelude::*;
use tokio::sync::Barrier;

use super::support::{Note, Person, note, on_each};

const P: <Person as Node>::Columns = Person::COLUMNS;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn c74_twice_as_many_gets_as_connections_complete() {
    on_each(|db| async move {
        Note::insert(&db, (1..=40).map(|id| note(id, "x", None, 0))).await.unwrap();
        let most = i64::from(db.stats().max).max(10);
        let gets = (1..=2 * most).map(|id| tokio::spawn(Note::get(&db, id).into_future()));
        for (at, got) in join_all(gets).await.into_iter().enumerate() {
            assert_eq!(got.unwrap().unwrap().map(|note| note.id), Some(at as i64 + 1));
        }
        // From threads, too.
        let gets = (1..=2 * most).map(|id| {
            let get = Note::get(&db, id);
            tokio::task::spawn_blocking(move || get.blocking())
        });
        for (at, got) in join_all(gets).await.into_iter().enumerate() {
            assert_eq!(got.unwrap().unwrap().map(|note| note.id), Some(at as i64 + 1));
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn c74_get_or_create_raced_by_20_tasks_creates_one_row() {
    on_each(|db| async move {
        for round in 0..5 {
            let name = format!("p{round}");
            let barrier = std::sync::Arc::new(Barrier::new(20));
            let tasks = (0..20).map(|_| {
                let (db, name, barrier) = (db.clone(), name.clone(), barrier.clone());
                tokio::spawn(async move {
                    barrier.wait().await;
                    Person::get_or_create(&db, [P.name.set(name)], [P.visits.set(1)]).await
                })
            });
            let answers: Vec<(Person, bool)> =
                join_all(tasks).await.into_iter().map(|answer| answer.unwrap().unwrap()).collect();
            assert_eq!(answers.iter().filter(|(_, made)| *made).count(), 1);
            assert!(answers.iter().all(|(person, _)| *person == answers[0].0));
            assert_eq!(Person::select(&db).filter(P.name.eq(name)).count().await.unwrap(), 1);
        }
    })
    .await;
}
