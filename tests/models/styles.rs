//! The same functions over a model, in blocking style, from everywhere.

use hiku::prelude::*;
use hiku::sql::allow_blocking;

use super::support::{Note, on_each};

const C: <Note as Node>::Columns = Note::COLUMNS;

/// In blocking style: no `async`, no `.await`.
fn work(db: &Db) -> Result<Vec<(String, i32)>> {
    for (text, stars) in [("a", 1), ("b", 2), ("c", 3)] {
        Note::create(db, [C.text.set(text), C.stars.set(stars)]).blocking()?;
    }
    Note::update(db, [C.stars.plus(10)]).filter(C.text.any_of(["a", "c"])).blocking()?;
    let (note, made) = Note::get_or_create(db, [C.text.set("b")], [C.stars.set(0)]).blocking()?;
    assert!(!made);
    note.remove(db).blocking()?;
    let rows = Note::select(db).order_by(C.text).blocking()?;
    Ok(rows.into_iter().map(|note| (note.text, note.stars)).collect())
}

/// The same with `.await`.
async fn work_async(db: &Db) -> Result<Vec<(String, i32)>> {
    for (text, stars) in [("a", 1), ("b", 2), ("c", 3)] {
        Note::create(db, [C.text.set(text), C.stars.set(stars)]).await?;
    }
    Note::update(db, [C.stars.plus(10)]).filter(C.text.any_of(["a", "c"])).await?;
    Note::delete(db).filter(C.text.eq("b")).await?;
    let rows = Note::select(db).order_by(C.text).await?;
    Ok(rows.into_iter().map(|note| (note.text, note.stars)).collect())
}

fn expected() -> Vec<(String, i32)> {
    vec![("a".to_owned(), 11), ("c".to_owned(), 13)]
}

/// From where the functions are called.
#[derive(Clone, Copy, Debug)]
enum Place {
    Async,
    PlainThread,
    BlockingThread,
    Worker,
    #[cfg(feature = "coroutines")]
    Coroutine,
    #[cfg(feature = "bridge")]
    Sent,
    #[cfg(feature = "bridge")]
    BridgedThread,
}

const OUTSIDE: &[Place] = &[Place::PlainThread, Place::BlockingThread];
/// Those that can be part of a transaction around.
const INSIDE: &[Place] = &[
    Place::Async,
    Place::Worker,
    #[cfg(feature = "coroutines")]
    Place::Coroutine,
    #[cfg(feature = "bridge")]
    Place::Sent,
    #[cfg(feature = "bridge")]
    Place::BridgedThread,
];

async fn call(place: Place, db: &Db) -> Result<Vec<(String, i32)>> {
    let on = db.clone();
    match place {
        Place::Async => work_async(db).await,
        Place::PlainThread => {
            let thread = std::thread::spawn(move || work(&on));
            tokio::task::spawn_blocking(|| thread.join().unwrap()).await.unwrap()
        }
        Place::BlockingThread => tokio::task::spawn_blocking(move || work(&on)).await.unwrap(),
        Place::Worker => allow_blocking(|| work(db)),
        #[cfg(feature = "coroutines")]
        Place::Coroutine => hiku::bridge::async_def(move || work(&on)).await,
        #[cfg(feature = "bridge")]
        Place::Sent => hiku::bridge::async_def_send(move || work(&on)).within(hiku::sql::carry_transactions()).await,
        #[cfg(feature = "bridge")]
        Place::BridgedThread => {
            hiku::bridge::async_def_send(move || work(&on)).on_thread().within(hiku::sql::carry_transactions()).await
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn c63_the_same_rows_from_everywhere() {
    on_each(|db| async move {
        for &place in OUTSIDE.iter().chain(INSIDE) {
            assert_eq!(call(place, &db).await.unwrap(), expected(), "{place:?}");
            assert_eq!(Note::delete(&db).await.unwrap(), 2, "{place:?}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn c63_a_rollback_undoes_what_code_in_blocking_style_did() {
    on_each(|db| async move {
        for &place in INSIDE {
            let undone: Result<()> = db
                .atomic(|| async {
                    assert_eq!(call(place, &db).await?, expected(), "{place:?}");
                    Err(Error::new("no"))
                })
                .await;
            assert_eq!(undone.unwrap_err().public_message(), "no", "{place:?}");
            assert_eq!(Note::select(&db).count().await.unwrap(), 0, "{place:?}");
            let kept: Result<()> = db
                .atomic(|| async {
                    call(place, &db).await?;
                    Ok(())
                })
                .await;
            kept.unwrap();
            assert_eq!(Note::delete(&db).await.unwrap(), 2, "{place:?}");
        }
    })
    .await;
}

/// Nobody waits in async code without being told to: an operation that is awaited inside a bridged future is outside.
#[cfg(feature = "coroutines")]
#[tokio::test]
async fn c63_no_worker_is_blocked_under_async_def() {
    on_each(|db| async move {
        // On the only thread of a runtime both go on, so neither holds it up.
        let on = [db.clone(), db.clone()];
        let both = on.map(|db| hiku::bridge::async_def(move || Note::select(&db).count().blocking()));
        for count in futures::future::join_all(both).await {
            assert_eq!(count.unwrap(), 0);
        }
    })
    .await;
}
