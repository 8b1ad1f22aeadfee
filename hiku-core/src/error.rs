//! The error of loaders: public (shown to clients) or internal (masked and logged with an id).

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock};

/// A result whose error is [`Error`] unless said otherwise.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a loader, a field or a whole request failed.
///
/// Two kinds. [`Error::new`] makes a **public** error: clients see its message and its code. Every other error type becomes
/// an **internal** one through `?`: clients see only that something failed and an id, the log has the rest under the same id.
///
/// It does not implement [`std::error::Error`], so that `?` can convert every type that does. Cloning is cheap.
#[derive(Clone)]
pub struct Error(Arc<Repr>);

enum Repr {
    Public {
        message: String,
        code: Option<String>,
        at: Option<(u32, u32)>,
    },
    /// No failure: a list that is null.
    Null,
    Internal {
        source: Box<dyn std::error::Error + Send + Sync>,
        id: u64,
    },
}

/// What clients read in place of the text of an internal error.
pub const MASKED: &str = "internal error";

impl Error {
    /// A public error: `message` is shown to clients.
    pub fn new(message: impl Into<String>) -> Self {
        Error(Arc::new(Repr::Public { message: message.into(), code: None, at: None }))
    }

    /// The same error with `extensions.code` set; on an internal error this has no effect, its code is fixed.
    #[must_use]
    pub fn code(self, code: impl Into<String>) -> Self {
        match &*self.0 {
            Repr::Public { message, at, .. } => {
                Error(Arc::new(Repr::Public { message: message.clone(), code: Some(code.into()), at: *at }))
            }
            Repr::Internal { .. } | Repr::Null => self,
        }
    }

    /// The same public error, about this line and column of the query in place of its field.
    pub(crate) fn at(self, line: u32, column: u32) -> Self {
        match &*self.0 {
            Repr::Public { message, code, .. } => {
                Error(Arc::new(Repr::Public { message: message.clone(), code: code.clone(), at: Some((line, column)) }))
            }
            Repr::Internal { .. } | Repr::Null => self,
        }
    }

    /// The line and column of the query that it is about, if not those of its field.
    pub(crate) fn place(&self) -> Option<(u32, u32)> {
        match &*self.0 {
            Repr::Public { at, .. } => *at,
            Repr::Internal { .. } | Repr::Null => None,
        }
    }

    /// An internal error from a text: logged, masked in responses.
    pub fn internal(message: impl Into<String>) -> Self {
        Error::from_source(message.into().into())
    }

    fn from_source(source: Box<dyn std::error::Error + Send + Sync>) -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        Error(Arc::new(Repr::Internal { source, id: NEXT.fetch_add(1, Ordering::Relaxed) }))
    }

    /// Stands where a list of nodes is null. Not a failure, but it travels like one: both are in place of targets.
    pub(crate) fn null() -> Self {
        static NULL: LazyLock<Error> = LazyLock::new(|| Error(Arc::new(Repr::Null)));
        NULL.clone()
    }

    pub(crate) fn is_null(&self) -> bool {
        matches!(*self.0, Repr::Null)
    }

    /// Whether clients may see the message.
    pub fn is_public(&self) -> bool {
        matches!(*self.0, Repr::Public { .. })
    }

    /// The message that clients see: the text of a public error, [`MASKED`] and the id of an internal one.
    pub fn public_message(&self) -> String {
        match &*self.0 {
            Repr::Public { message, .. } => message.clone(),
            Repr::Null => String::new(),
            Repr::Internal { id, .. } => format!("{MASKED} (id {id})"),
        }
    }

    /// `extensions.code` of the response, if there is one.
    pub fn public_code(&self) -> Option<&str> {
        match &*self.0 {
            Repr::Public { code, .. } => code.as_deref(),
            Repr::Internal { .. } => Some("INTERNAL"),
            Repr::Null => None,
        }
    }

    /// The id under which an internal error is logged.
    pub fn id(&self) -> Option<u64> {
        match &*self.0 {
            Repr::Public { .. } | Repr::Null => None,
            Repr::Internal { id, .. } => Some(*id),
        }
    }

    /// The error that this one came from, if it is internal: for logs and for tests, never for clients.
    pub fn source(&self) -> Option<&(dyn std::error::Error + Send + Sync + 'static)> {
        match &*self.0 {
            Repr::Public { .. } | Repr::Null => None,
            Repr::Internal { source, .. } => Some(&**source),
        }
    }
}

impl<E: std::error::Error + Send + Sync + 'static> From<E> for Error {
    fn from(source: E) -> Self {
        Error::from_source(Box::new(source))
    }
}

impl fmt::Display for Error {
    /// The whole text, also of an internal error, with its causes: for logs and terminals.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &*self.0 {
            Repr::Public { message, .. } => f.write_str(message),
            Repr::Null => f.write_str("null"),
            Repr::Internal { source, .. } => {
                write!(f, "{source}")?;
                let mut cause = source.source();
                while let Some(next) = cause {
                    write!(f, ": {next}")?;
                    cause = next.source();
                }
                Ok(())
            }
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Run user code; a panic becomes an error that names it.
pub(crate) fn guarded<T>(name: &str, run: impl FnOnce() -> Result<T>) -> Result<T> {
    catch_unwind(AssertUnwindSafe(run)).unwrap_or_else(|payload| Err(panicked(name, &*payload)))
}

/// The error for a panic in user code.
pub(crate) fn panicked(name: &str, payload: &(dyn std::any::Any + Send)) -> Error {
    let text = payload.downcast_ref::<&str>().copied().or_else(|| payload.downcast_ref::<String>().map(String::as_str));
    Error::internal(format!("`{name}` panicked: {}", text.unwrap_or("no message")))
}
