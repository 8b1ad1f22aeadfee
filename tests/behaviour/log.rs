//! What the library logs, for tests.

use std::sync::{Arc, Mutex};

use tracing::field::{Field, Visit};
use tracing::span;

/// An event of one level: its message, and the id of its error.
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

/// Every event of one level on this thread, while the guard lives.
///
/// A place that logs is known to tracing from its first event on. One that another test makes known while this one begins to
/// listen would stay silent: do what is listened to once before.
#[derive(Clone)]
pub struct Log {
    level: tracing::Level,
    events: Arc<Mutex<Vec<Logged>>>,
}

impl Log {
    pub fn listen(level: tracing::Level) -> (Log, tracing::subscriber::DefaultGuard) {
        let log = Log { level, events: Arc::default() };
        let guard = tracing::subscriber::set_default(log.clone());
        (log, guard)
    }

    pub fn take(&self) -> Vec<Logged> {
        std::mem::take(&mut *self.events.lock().unwrap())
    }
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
