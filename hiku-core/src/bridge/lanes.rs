//! Threads that run coroutines and nothing else. A call stays on the lane where it began.

use std::future::poll_fn;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::thread::{self, Builder};

use futures_util::stream::{FuturesUnordered, StreamExt};
use tokio::runtime::Handle;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::oneshot::Sender;

use super::Call;
use super::blocking::Waiter;
use super::local::{AsyncDef, async_def};
use super::send::{Answer, Code, Scope, scoped};

struct Lane {
    calls: UnboundedSender<MakeCall>,
    /// How many it has not finished.
    load: Arc<AtomicUsize>,
}

/// Called on the lane: what it makes stays there.
type MakeCall = Box<dyn FnOnce() -> Pin<Box<dyn Future<Output = ()>>> + Send>;

/// One for each core, made when they are needed first; they stay until the process ends.
static LANES: OnceLock<Vec<Lane>> = OnceLock::new();

/// Run a call on the lane that has the fewest.
///
/// # Panics
/// If no lane can be made.
pub(super) fn start<T: Send + 'static>(
    code: Code<T>,
    stack_size: Option<usize>,
    scope: Scope,
    runtime: Option<Handle>,
    answer: Sender<Answer<T>>,
) {
    let lanes = LANES.get_or_init(|| {
        let cores = thread::available_parallelism().map_or(1, usize::from);
        (0..cores).map_while(|number| Lane::new(number).ok()).collect()
    });
    let Some(lane) = lanes.iter().min_by_key(|lane| lane.load.load(Ordering::Relaxed)) else {
        panic!("no thread for the lanes of `async_def_send`");
    };
    let load = Load::on(lane);
    let make: MakeCall = Box::new(move || {
        let call = async_def(code);
        let call = Some(match stack_size {
            Some(bytes) => call.stack_size(bytes),
            None => call,
        });
        Box::pin(OnLane { call, scope, runtime, answer: Some(answer), _load: load })
    });
    // A lane never ends; if it did, the answer would be dropped with the call, and the caller would see that.
    let _ = lane.calls.send(make);
}

impl Lane {
    fn new(number: usize) -> io::Result<Self> {
        let (calls, received) = unbounded_channel();
        Builder::new().name(format!("hiku-lane-{number}")).spawn(|| drive(received))?;
        Ok(Lane { calls, load: Arc::default() })
    }
}

/// Counts a call of a lane.
struct Load(Arc<AtomicUsize>);

impl Load {
    fn on(lane: &Lane) -> Self {
        lane.load.fetch_add(1, Ordering::Relaxed);
        Load(lane.load.clone())
    }
}

impl Drop for Load {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

fn drive(mut received: UnboundedReceiver<MakeCall>) {
    let mut calls = FuturesUnordered::new();
    Waiter::block_on(poll_fn(|context| {
        loop {
            while let Poll::Ready(make) = received.poll_recv(context) {
                match make {
                    Some(make) => calls.push(make()),
                    None => return Poll::Ready(()),
                }
            }
            if !matches!(calls.poll_next_unpin(context), Poll::Ready(Some(()))) {
                return Poll::Pending;
            }
        }
    }));
}

struct OnLane<T: Send + 'static> {
    call: Option<AsyncDef<T>>,
    scope: Scope,
    runtime: Option<Handle>,
    answer: Option<Sender<Answer<T>>>,
    _load: Load,
}

impl<T: Send + 'static> Unpin for OnLane<T> {}

impl<T: Send + 'static> Future for OnLane<T> {
    type Output = ();

    /// Never panics.
    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let OnLane { call, scope, runtime, answer, .. } = self.get_mut();
        let _entered = runtime.as_ref().map(Handle::enter);
        let (Some(running), Some(asker)) = (call.as_mut(), answer.as_mut()) else { return Poll::Ready(()) };
        if asker.poll_closed(context).is_ready() {
            let _ = catch_unwind(AssertUnwindSafe(|| scoped(scope, || drop(call.take()))));
            return Poll::Ready(());
        }
        let polled = catch_unwind(AssertUnwindSafe(|| scoped(scope, || running.poll_ended(context))));
        let ended = match polled {
            Ok(Poll::Pending) => return Poll::Pending,
            Ok(Poll::Ready(ended)) => ended,
            Err(panic) => Err(panic),
        };
        let waited = running.waited();
        let _ = catch_unwind(AssertUnwindSafe(|| {
            drop(call.take());
            answer.take().map(|asker| asker.send(Answer { ended, waited }))
        }));
        Poll::Ready(())
    }
}
