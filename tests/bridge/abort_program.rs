//! A program that drops suspended calls, for `panic = "abort"`: the test says what it prints.
#![allow(dead_code, unreachable_pub, missing_docs, reason = "the module is part of a library elsewhere")]

#[path = "../../hiku-core/src/bridge/mod.rs"]
mod bridge;

use std::future::{pending, poll_fn};
use std::pin::Pin;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::task::Poll;

use bridge::{async_def_send, awaitlet, try_awaitlet};

type Call<T> = Pin<Box<dyn Future<Output = T>>>;

fn call<T: Send + 'static>(kind: &str, code: impl FnOnce() -> T + Send + 'static) -> Call<T> {
    match kind {
        "thread" => Box::pin(async_def_send(code).on_thread()),
        "lane" => Box::pin(async_def_send(code)),
        #[cfg(feature = "coroutines")]
        "task" => Box::pin(bridge::async_def(code)),
        other => panic!("no such call: {other}"),
    }
}

struct OnDrop(Sender<&'static str>);

impl Drop for OnDrop {
    fn drop(&mut self) {
        self.0.send("value").unwrap();
    }
}

/// Poll a call until what it awaits has been polled, then drop it.
async fn cancel<T>(mut call: Call<T>, polled: &Receiver<&'static str>) {
    poll_fn(|context| Poll::Ready(assert!(call.as_mut().poll(context).is_pending()))).await;
    println!("{}", polled.recv().unwrap());
}

fn main() {
    let kind = std::env::args().nth(1).expect("a kind of call");
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let (say, said) = channel();
        let (inside, (go, gone)) = (say.clone(), tokio::sync::oneshot::channel::<()>());
        let code = move || {
            let _value = OnDrop(inside.clone());
            awaitlet(async {
                inside.send("polled").unwrap();
                let _ = gone.await;
            });
        };
        cancel(call(&kind, code), &said).await;
        println!("dropped");
        if kind == "thread" {
            go.send(()).unwrap();
            println!("{}", said.recv().unwrap());
        } else {
            // Never sent: the first call has to stay where it is.
            std::mem::forget(go);
            let inside = say.clone();
            let code = move || {
                let told = try_awaitlet(async {
                    inside.send("polled").unwrap();
                    pending::<()>().await;
                });
                assert_eq!(told, Err(bridge::AwaitletError::Cancelled));
                inside.send("told").unwrap();
            };
            let mut call = call(&kind, code);
            poll_fn(|context| Poll::Ready(assert!(call.as_mut().poll(context).is_pending()))).await;
            assert_eq!(said.recv(), Ok("polled"));
            drop(call);
            println!("{} Cancelled", said.recv().unwrap());
        }
        println!("another {}", call(&kind, || awaitlet(async { 1 }) + awaitlet(async { 2 })).await);
    });
}
