//! What the library logs, for tests.

use std::sync::{Arc, Mutex};

use tracing::field::{Field, Visit};
use tracing::span;

/// An event: its message, and the id of its error.
#[derive(Clone, Debug, Default)]
pub struct Logged {
    pub id: Option<u64>,
    pub message: String,
}

impl Visit for Logged {
    fn record_u64(&mut self, field: &Field, value: u64) {
        if field.name() == "id" {
            self.id = Some(value);
        }
    }
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        if field.name() == "message" {
            self.message = format!("{value:?}");
        }
    }
}

#[derive(Clone)]
struct Log {
    level: tracing::Level,
    events: Arc<Mutex<Vec<Logged>>>,
}

/// What `work` answers, and the events of this level that it logs on this thread, of which there must be some.
///
/// A place that logs is known to tracing from its first event on: so `work` is done once before. A place that another test makes
/// known just while this one begins to listen would stay silent: it is told again.
pub async fn logged<T>(level: tracing::Level, work: impl AsyncFn() -> T) -> (T, Vec<Logged>) {
    work().await;
    let log = Log { level, events: Arc::default() };
    let _guard = tracing::subscriber::set_default(log.clone());
    for _ in 0..100 {
        let answer = work().await;
        let events = std::mem::take(&mut *log.events.lock().unwrap());
        if !events.is_empty() {
            return (answer, events);
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        tracing::callsite::rebuild_interest_cache();
    }
    panic!("nothing was logged");
}

impl tracing::Subscriber for Log {
    fn enabled(&self, metadata: &tracing::Metadata<'_>) -> bool {
        *metadata.level() == self.level && metadata.target().starts_with("hiku")
    }
    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }
    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}
    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}
    fn event(&self, event: &tracing::Event<'_>) {
        let mut logged = Logged::default();
        event.record(&mut logged);
        self.events.lock().unwrap().push(logged);
    }
    fn enter(&self, _: &span::Id) {}
    fn exit(&self, _: &span::Id) {}
}
