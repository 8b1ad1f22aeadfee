//! Connections on threads of their own, and pools of them.

use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use futures::future::join_all;
use hiku::prelude::*;
use hiku::threads::{ConnPool, ConnectionClosed, ThreadConn};
use rusqlite::Connection;
use tokio::sync::oneshot;
use tokio::time::timeout;

use super::databases::Folder;
use super::support::LONG;

/// A driver that must stay where it is; the test knows how many there are.
struct Local {
    of: Rc<thread::ThreadId>,
    living: Arc<AtomicUsize>,
    broken: bool,
}

impl Local {
    fn connect(living: &Arc<AtomicUsize>) -> Local {
        living.fetch_add(1, Ordering::SeqCst);
        Local { of: Rc::new(thread::current().id()), living: living.clone(), broken: false }
    }

    fn thread(&mut self) -> thread::ThreadId {
        assert_eq!(*self.of, thread::current().id());
        *self.of
    }
}

impl Drop for Local {
    fn drop(&mut self) {
        assert_eq!(*self.of, thread::current().id());
        self.living.fetch_sub(1, Ordering::SeqCst);
    }
}

async fn open(living: &Arc<AtomicUsize>) -> ThreadConn<Local> {
    let of = living.clone();
    ThreadConn::connect(move || Ok::<_, Error>(Local::connect(&of))).await.unwrap()
}

#[tokio::test]
async fn c68_every_closure_of_a_connection_runs_on_its_thread() {
    let living = Arc::default();
    let (one, two) = (open(&living).await, open(&living).await);
    let here = thread::current().id();
    let of_one = one.run(Local::thread).await.unwrap();
    let of_two = two.run(Local::thread).await.unwrap();
    assert!(of_one != of_two && of_one != here && of_two != here);
    let again = join_all((0..100).map(|_| one.run(Local::thread))).await;
    assert!(again.into_iter().all(|thread| thread.unwrap() == of_one));
    let from_elsewhere = one.clone();
    let blocking = thread::spawn(move || from_elsewhere.run(Local::thread).blocking().unwrap()).join().unwrap();
    assert_eq!(blocking, of_one);
    assert_eq!(living.load(Ordering::SeqCst), 2);
    one.close().await.unwrap();
    assert_eq!(living.load(Ordering::SeqCst), 1, "it was dropped, on its thread");
    two.close().blocking().unwrap();
    assert_eq!(living.load(Ordering::SeqCst), 0);
}

#[test]
fn c68_closing_joins_the_thread() {
    // Handles of threads that have ended are gone: what a thread-local holds was dropped, too.
    struct Ends(Arc<AtomicUsize>);
    impl Drop for Ends {
        fn drop(&mut self) {
            self.0.fetch_add(1, Ordering::SeqCst);
        }
    }
    thread_local!(static ENDS: std::cell::RefCell<Option<Ends>> = const { std::cell::RefCell::new(None) });
    for _ in 0..50 {
        let ended = Arc::new(AtomicUsize::new(0));
        let of = ended.clone();
        let connection = ThreadConn::connect(move || {
            ENDS.set(Some(Ends(of)));
            Ok::<_, Error>(())
        });
        let connection = connection.blocking().unwrap();
        assert_eq!(ended.load(Ordering::SeqCst), 0);
        connection.close().blocking().unwrap();
        assert_eq!(ended.load(Ordering::SeqCst), 1, "the thread has ended");
    }
}

#[test]
fn c69_a_connection_that_fails_leaves_no_thread() {
    struct Ends(Arc<AtomicUsize>);
    impl Drop for Ends {
        fn drop(&mut self) {
            self.0.fetch_add(1, Ordering::SeqCst);
        }
    }
    thread_local!(static ENDS: std::cell::RefCell<Option<Ends>> = const { std::cell::RefCell::new(None) });
    for _ in 0..20 {
        let ended = Arc::new(AtomicUsize::new(0));
        let of = ended.clone();
        let failed = ThreadConn::<()>::connect(move || {
            ENDS.set(Some(Ends(of)));
            Err(std::io::Error::other("nobody is there"))
        });
        assert_eq!(failed.blocking().unwrap_err().to_string(), "nobody is there");
        assert_eq!(ended.load(Ordering::SeqCst), 1, "the thread has ended");
    }
    let panics = thread::spawn(|| {
        let connect = || -> Result<()> { panic!("no driver") };
        ThreadConn::connect(connect).blocking().map(drop)
    });
    assert_eq!(panics.join().unwrap_err().downcast_ref(), Some(&"no driver"));
}

#[tokio::test]
async fn c69_whoever_does_not_wait_any_more_shifts_no_answers() {
    let living = Arc::default();
    let connection = open(&living).await;
    for _ in 0..50 {
        let (started, runs) = oneshot::channel();
        let (go_on, waits) = std::sync::mpsc::channel();
        let mut first = Box::pin(connection.run(move |_| {
            started.send(()).unwrap();
            waits.recv().unwrap();
            1
        }));
        assert!(futures::poll!(first.as_mut()).is_pending());
        runs.await.unwrap();
        // The first runs, the second was not started; both are given up.
        let mut second = Box::pin(connection.run(|_| -> i32 { panic!("it was taken back") }));
        assert!(futures::poll!(second.as_mut()).is_pending());
        drop((first, second));
        let mut third = Box::pin(connection.run(|_| 3));
        assert!(futures::poll!(third.as_mut()).is_pending());
        go_on.send(()).unwrap();
        assert_eq!(third.await, Ok(3));
    }
    connection.close().await.unwrap();
}

#[tokio::test]
async fn c69_after_it_was_closed_there_is_no_answer() {
    let living = Arc::default();
    let connection = open(&living).await;
    let other = connection.clone();
    // What was asked before is answered.
    let (go_on, waits) = std::sync::mpsc::channel();
    let mut first = Box::pin(other.run(move |_| waits.recv().unwrap()));
    let mut before = Box::pin(other.run(Local::thread));
    assert!(futures::poll!(first.as_mut()).is_pending() && futures::poll!(before.as_mut()).is_pending());
    assert!(!connection.is_closed());
    let mut closing = Box::pin(connection.close());
    assert!(futures::poll!(closing.as_mut()).is_pending());
    assert_eq!(other.run(Local::thread).await, Err(ConnectionClosed));
    go_on.send(()).unwrap();
    closing.await.unwrap();
    assert!(first.await.is_ok() && before.await.is_ok());
    assert!(other.is_closed());
    assert_eq!(other.run(Local::thread).await, Err(ConnectionClosed));
    assert_eq!(other.run(Local::thread).blocking(), Err(ConnectionClosed));
    assert_eq!((other.close().await, connection.close().await), (Err(ConnectionClosed), Err(ConnectionClosed)));
    // In a loader it is an error like any other.
    let error: Error = ConnectionClosed.into();
    assert_eq!(error.to_string(), "the connection is closed");
}

#[tokio::test]
async fn dropping_the_last_handle_ends_the_thread_and_what_was_given_up_while_connecting_is_closed() {
    let living: Arc<AtomicUsize> = Arc::default();
    drop(open(&living).await);
    let of = living.clone();
    let (go_on, waits) = std::sync::mpsc::channel();
    let mut connecting = Box::pin(ThreadConn::connect(move || {
        let local = Local::connect(&of);
        waits.recv().unwrap();
        Ok::<_, Error>(local)
    }));
    assert!(futures::poll!(connecting.as_mut()).is_pending());
    drop(connecting);
    go_on.send(()).unwrap();
    timeout(LONG, async {
        while living.load(Ordering::SeqCst) > 0 {
            tokio::task::yield_now().await;
        }
    })
    .await
    .expect("a connection is left");
}

#[tokio::test]
async fn a_panic_goes_to_who_asked_and_the_connection_goes_on() {
    let living = Arc::default();
    let connection = open(&living).await;
    let of = connection.clone();
    let panicked = tokio::spawn(async move { of.run(|_| -> () { panic!("in the closure") }).await });
    assert_eq!(panicked.await.unwrap_err().into_panic().downcast_ref(), Some(&"in the closure"));
    assert!(connection.run(Local::thread).await.is_ok());
    let pool = ConnPool::new(1, move || Ok::<_, Error>(Local::connect(&living)));
    let of = pool.clone();
    let panicked = tokio::spawn(async move { of.run(|_| -> () { panic!("in the closure") }).await });
    assert!(panicked.await.unwrap_err().is_panic());
    assert!(pool.run(Local::thread).await.is_ok());
}

#[tokio::test]
async fn a_pool_has_as_many_connections_as_are_needed_and_no_more_than_it_may() {
    let living: Arc<AtomicUsize> = Arc::default();
    let of = living.clone();
    let pool = ConnPool::new(3, move || Ok::<_, Error>(Local::connect(&of)));
    assert_eq!(living.load(Ordering::SeqCst), 0, "none before it is asked");
    for _ in 0..100 {
        pool.run(Local::thread).await.unwrap();
    }
    assert_eq!(living.load(Ordering::SeqCst), 1, "one after the other");
    let meet = Arc::new(std::sync::Barrier::new(3));
    let asked = (0..30).map(|_| {
        let meet = meet.clone();
        pool.run(move |local| {
            meet.wait();
            local.thread()
        })
    });
    let threads = timeout(LONG, join_all(asked)).await.expect("fewer than three");
    let threads: std::collections::HashSet<_> = threads.into_iter().map(Result::unwrap).collect();
    assert_eq!((threads.len(), living.load(Ordering::SeqCst)), (3, 3));
    pool.close().await.unwrap();
    assert_eq!(living.load(Ordering::SeqCst), 0);
    let error = pool.run(Local::thread).await.unwrap_err();
    assert!(error.source().unwrap().downcast_ref::<ConnectionClosed>().is_some());
    assert_eq!(pool.close().await, Err(ConnectionClosed));
}

#[tokio::test]
async fn a_pool_that_cannot_connect_says_why_and_tries_again() {
    let living: Arc<AtomicUsize> = Arc::default();
    let (of, tried) = (living.clone(), AtomicUsize::new(0));
    let pool = ConnPool::new(2, move || match tried.fetch_add(1, Ordering::SeqCst) {
        0 => Err(std::io::Error::other("nobody is there")),
        1 => panic!("no driver"),
        _ => Ok(Local::connect(&of)),
    });
    assert_eq!(pool.run(Local::thread).await.unwrap_err().to_string(), "nobody is there");
    assert_eq!(pool.run(Local::thread).await.unwrap_err().to_string(), "`the connecting function` panicked: no driver");
    assert!(pool.run(Local::thread).await.is_ok());
    assert_eq!(living.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_connection_that_is_broken_is_replaced() {
    let living: Arc<AtomicUsize> = Arc::default();
    let (of, made) = (living.clone(), Arc::new(AtomicUsize::new(0)));
    let makes = made.clone();
    let pool = ConnPool::new(1, move || {
        makes.fetch_add(1, Ordering::SeqCst);
        Ok::<_, Error>(Local::connect(&of))
    })
    .check(|local: &Local| !local.broken);
    for expected in 1..4 {
        pool.run(|local| local.thread()).await.unwrap();
        assert_eq!(made.load(Ordering::SeqCst), expected);
        pool.run(|local| local.broken = true).await.unwrap();
    }
    assert_eq!(living.load(Ordering::SeqCst), 1);
}

const TABLES: &str = "
    PRAGMA foreign_keys = ON;
    CREATE TABLE owner (id INTEGER PRIMARY KEY);
    CREATE TABLE thing (id INTEGER PRIMARY KEY, owner INTEGER REFERENCES owner (id) DEFERRABLE INITIALLY DEFERRED)";

#[tokio::test]
async fn c70_implicit_calls_share_one_database_in_memory() {
    let pool = ConnPool::new(1, || {
        let connection = Connection::open_in_memory()?;
        connection.execute_batch(TABLES)?;
        Ok::<_, rusqlite::Error>(connection)
    });
    join_all((0..20).map(|id| pool.run(move |connection| connection.execute("INSERT INTO owner VALUES (?)", [id]))))
        .await
        .into_iter()
        .for_each(|inserted| assert_eq!(inserted.unwrap(), Ok(1)));
    let count = pool.run(|connection| connection.query_row("SELECT count(*) FROM owner", (), |row| row.get(0)));
    assert_eq!(count.await.unwrap(), Ok(20));
}

#[tokio::test]
async fn c70_a_commit_that_fails_is_one_rollback_and_the_error_of_the_commit() {
    let folder = Folder::new();
    let path = folder.sqlite().trim_start_matches("sqlite:").to_owned();
    let rollbacks = Arc::new(AtomicUsize::new(0));
    let counts = rollbacks.clone();
    let connection = ThreadConn::connect(move || {
        let connection = Connection::open(path)?;
        connection.execute_batch(TABLES)?;
        connection.rollback_hook(Some(move || {
            counts.fetch_add(1, Ordering::SeqCst);
        }))?;
        Ok::<_, rusqlite::Error>(connection)
    });
    let connection = connection.await.unwrap();
    let insert = |owner: i64| {
        connection.run(move |connection| {
            let transaction = connection.transaction()?;
            transaction.execute("INSERT INTO thing (owner) VALUES (?)", [owner])?;
            transaction.commit()
        })
    };
    let failed = insert(7).await.unwrap().unwrap_err();
    assert_eq!(failed.to_string(), "FOREIGN KEY constraint failed");
    assert_eq!(rollbacks.load(Ordering::SeqCst), 1);
    let after = connection.run(|connection| {
        connection.execute("INSERT INTO owner VALUES (7)", ())?;
        let count: i64 = connection.query_row("SELECT count(*) FROM thing", (), |row| row.get(0))?;
        Ok::<_, rusqlite::Error>((connection.is_autocommit(), count))
    });
    assert_eq!(after.await.unwrap(), Ok((true, 0)));
    assert_eq!(insert(7).await.unwrap(), Ok(()));
    assert_eq!(rollbacks.load(Ordering::SeqCst), 1);
    connection.close().await.unwrap();
}

#[tokio::test]
async fn a_transaction_can_span_what_is_asked_of_one_connection() {
    let folder = Folder::new();
    let path = folder.sqlite().trim_start_matches("sqlite:").to_owned();
    let connect = move || {
        let connection = Connection::open(&path)?;
        connection.execute_batch("PRAGMA journal_mode = WAL; CREATE TABLE IF NOT EXISTS t (id INTEGER)")?;
        Ok::<_, rusqlite::Error>(connection)
    };
    let (one, two) = (ThreadConn::connect(connect.clone()).await.unwrap(), ThreadConn::connect(connect).await.unwrap());
    let count = |connection: &ThreadConn<Connection>| {
        connection
            .run(|connection| connection.query_row("SELECT count(*) FROM t", (), |row| row.get::<_, i64>(0)).unwrap())
    };
    let batch = |text: &'static str| one.run(move |connection| connection.execute_batch(text).unwrap());
    batch("BEGIN; INSERT INTO t VALUES (1)").await.unwrap();
    assert_eq!((count(&one).await, count(&two).await), (Ok(1), Ok(0)));
    batch("SAVEPOINT s; INSERT INTO t VALUES (2); ROLLBACK TO s; RELEASE s").await.unwrap();
    batch("COMMIT").await.unwrap();
    assert_eq!((count(&one).await, count(&two).await), (Ok(1), Ok(1)));
}
