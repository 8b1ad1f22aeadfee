//! Where `.blocking()` waits, and where it is refused.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc;

use hiku::prelude::*;
use hiku::sql::allow_blocking;

use super::databases::{Folder, mariadb_url, postgres_url};
use super::support::{Note, all, note, on_each, prepare};

const C: <Note as Node>::Columns = Note::COLUMNS;

#[track_caller]
fn assert_refused<T: std::fmt::Debug>(answer: Result<T>) {
    let error = answer.unwrap_err().to_string();
    assert!(error.contains("`.blocking()` in async code") && error.contains("write `.await`"), "{error}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn c72_blocking_in_async_code_is_refused_unless_it_is_allowed() {
    on_each(|db| async move {
        Note::insert(&db, [note(1, "x", None, 0)]).await.unwrap();
        assert_refused(Note::get(&db, 1).blocking());
        assert_refused(Note::select(&db).blocking());
        assert_refused(db.blocking(db.execute("DELETE FROM note")));
        assert_refused(Db::connect_blocking("sqlite::memory:").map(drop));
        // On a worker, and what is refused did nothing.
        let on = db.clone();
        tokio::spawn(async move { assert_refused(Note::delete(&on).blocking()) }).await.unwrap();
        assert_eq!(Note::select(&db).count().await.unwrap(), 1);

        assert_eq!(allow_blocking(|| Note::get(&db, 1).blocking()).unwrap(), Some(note(1, "x", None, 0)));
        let on = db.clone();
        let spawned = tokio::spawn(async move {
            assert_eq!(allow_blocking(|| Note::select(&on).count().blocking()).unwrap(), 1);
            assert_refused(Note::get(&on, 1).blocking());
        });
        spawned.await.unwrap();
        assert_eq!(allow_blocking(|| db.blocking(db.execute("DELETE FROM note"))).unwrap(), 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn c72_the_permission_ends_after_errors_and_panics() {
    on_each(|db| async move {
        let failed: Result<()> = allow_blocking(|| Err(Error::new("no")));
        assert!(failed.is_err());
        assert_refused(Note::get(&db, 1).blocking());
        let panicked = catch_unwind(AssertUnwindSafe(|| {
            allow_blocking(|| -> () { std::panic::resume_unwind(Box::new("thrown")) })
        }));
        assert!(panicked.is_err());
        assert_refused(Note::get(&db, 1).blocking());
        // The inner one ends, the outer one goes on.
        allow_blocking(|| {
            allow_blocking(|| ());
            Note::get(&db, 1).blocking().unwrap();
        });
        assert_refused(Note::get(&db, 1).blocking());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn c72_another_task_is_refused_meanwhile() {
    on_each(|db| async move {
        let (refused, heard) = mpsc::channel();
        let on = db.clone();
        allow_blocking(|| {
            tokio::spawn(async move { refused.send(Note::get(&on, 1).blocking()).unwrap() });
            // This worker waits; the other one has the task.
            assert_refused(heard.recv_timeout(super::support::LONG).unwrap());
            Note::get(&db, 1).blocking().unwrap();
        });
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn c72_what_is_allowed_is_part_of_the_transaction() {
    on_each(|db| async move {
        let undone: Result<()> = db
            .atomic(|| async {
                allow_blocking(|| Note::create(&db, [C.text.set("x"), C.stars.set(1)]).blocking())?;
                assert_eq!(Note::select(&db).count().await?, 1);
                Err(Error::new("no"))
            })
            .await;
        assert!(undone.is_err());
        assert_eq!(Note::select(&db).count().await.unwrap(), 0);
    })
    .await;
}

#[tokio::test]
async fn c72_the_budget_of_a_task_is_as_it_was_after_a_refusal() {
    use tokio::task::coop::{has_budget_remaining, poll_proceed};
    let db = Db::connect("sqlite::memory:").await.unwrap();
    let left = || {
        let mut context = std::task::Context::from_waker(std::task::Waker::noop());
        let mut taken = Vec::new();
        while has_budget_remaining() {
            if let std::task::Poll::Ready(unit) = poll_proceed(&mut context) {
                taken.push(unit);
            }
        }
        let left = taken.len();
        while taken.pop().is_some() {}
        left
    };
    let before = left();
    assert_refused(Note::get(&db, 1).blocking());
    assert_eq!((left(), before > 0), (before, true));
}

fn assert_stands_still<T: std::fmt::Debug>(answer: Result<T>) {
    let error = answer.unwrap_err().to_string();
    assert!(error.contains("the only thread of a runtime"), "{error}");
}

/// Nothing drives the connections there while the thread is blocked; SQLite needs nobody for that.
#[tokio::test]
async fn c72_on_the_only_thread_of_a_runtime_sqlite_is_waited_for_and_others_are_an_error() {
    let folder = Folder::new();
    for db in [Db::connect("sqlite::memory:").await.unwrap(), Db::connect(&folder.sqlite()).await.unwrap()] {
        prepare(&db).await;
        assert_refused(Note::select(&db).count().blocking());
        let made = allow_blocking(|| Note::create(&db, [C.text.set("x"), C.stars.set(1)]).blocking()).unwrap();
        assert_eq!(allow_blocking(|| Note::select(&db).blocking()).unwrap(), [made]);
        let inside: Result<()> = db
            .atomic(|| async {
                assert_stands_still(allow_blocking(|| Note::select(&db).count().blocking()));
                Ok(())
            })
            .await;
        inside.unwrap();
        assert_stands_still(allow_blocking(|| db.blocking(db.execute("DELETE FROM note"))));
    }
    let mut others = vec![Db::builder("sqlite::memory:").connect().await.unwrap()];
    others.extend(super::databases::postgres().await);
    others.extend(super::databases::mariadb().await);
    for db in others {
        prepare(&db).await;
        assert_refused(Note::select(&db).count().blocking());
        assert_stands_still(allow_blocking(|| Note::select(&db).count().blocking()));
    }
}

fn everything_without_a_runtime(db: &Db) {
    let made = Note::create(db, [C.text.set("x"), C.stars.set(1)]).blocking().unwrap();
    Note::insert(db, [note(0, "y", None, 2)]).new_keys().blocking().unwrap();
    assert_eq!(Note::select(db).order_by(C.text).column(C.text).blocking().unwrap(), ["x", "y"]);
    assert!(!Note::get_or_create(db, [C.text.set("x")], [C.stars.set(9)]).blocking().unwrap().1);
    assert_eq!(Note::update(db, [C.stars.plus(1)]).blocking().unwrap(), 2);
    assert!(made.remove(db).blocking().unwrap());
    assert_eq!(Note::select(db).count().blocking().unwrap(), 1);
    // Transactions are futures.
    let undone: Result<()> = db.blocking(db.atomic(|| async {
        Note::delete(db).await?;
        Err(Error::new("no"))
    }));
    assert!(undone.is_err());
    assert_eq!(Note::select(db).count().blocking().unwrap(), 1);
}

#[test]
fn c72_a_program_without_a_runtime() {
    assert!(tokio::runtime::Handle::try_current().is_err());
    let folder = Folder::new();
    let mut all = vec![
        Db::connect_blocking("sqlite::memory:").unwrap(),
        Db::connect_blocking(&folder.sqlite()).unwrap(),
        Db::builder("sqlite::memory:").connect_blocking().unwrap(),
    ];
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    if let Some((url, _)) = runtime.block_on(postgres_url()) {
        all.push(Db::connect_blocking(&url).unwrap());
    }
    if let Some(url) = runtime.block_on(mariadb_url()) {
        all.push(Db::connect_blocking(&url).unwrap());
    }
    drop(runtime);
    for db in all {
        db.blocking(async {
            prepare(&db).await;
            Ok(())
        })
        .unwrap();
        everything_without_a_runtime(&db);
    }
}

#[test]
fn c72_sqlite_needs_no_runtime_at_all() {
    // Connected in none: what a hand-written executor polls.
    let db = futures::executor::block_on(Db::connect("sqlite::memory:")).unwrap();
    let error = Note::select(&db).count().blocking().unwrap_err();
    assert!(error.to_string().contains("no such table"), "{error}");
    let threads: Vec<_> = (0..30)
        .map(|_| {
            let db = db.clone();
            std::thread::spawn(move || Note::select(&db).count().blocking().unwrap_err().to_string())
        })
        .collect();
    for thread in threads {
        assert!(thread.join().unwrap().contains("no such table"));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn c72_a_plain_thread_beside_a_runtime() {
    let folder = Folder::new();
    for db in all(&folder).await {
        let on = db.clone();
        let thread = std::thread::spawn(move || everything_without_a_runtime(&on));
        tokio::task::spawn_blocking(|| thread.join().unwrap()).await.unwrap();
        db.close().await;
    }
}
