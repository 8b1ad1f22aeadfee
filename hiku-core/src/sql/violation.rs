//! Which rule of the database a statement broke.

use crate::error::Error;

/// A rule of the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Violation {
    /// Another row has these values: a key, or a unique index.
    Unique,
    /// A row that is referred to is not there, or one that goes is still referred to.
    ForeignKey,
    /// Null where there is none.
    NotNull,
    /// A `CHECK`.
    Check,
}

/// Why a statement of our own failed.
#[derive(Debug)]
pub(super) struct StatementError {
    pub(super) text: String,
    pub(super) violation: Option<Violation>,
    /// What the driver said, which the text repeats.
    pub(super) cause: Option<Error>,
}

impl std::fmt::Display for StatementError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.text)
    }
}

impl std::error::Error for StatementError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.cause.as_ref()?.source().map(|error| error as _)
    }
}

/// Which rule of the database an error is about: of an operation on a model, of [`Db::execute`](super::Db::execute), or of
/// sqlx.
///
/// ```
/// # use hiku_core::error::Error;
/// # use hiku_core::sql::{Violation, violation};
/// fn taken(error: &Error) -> bool {
///     violation(error) == Some(Violation::Unique)
/// }
/// # assert!(!taken(&Error::new("no")));
/// ```
pub fn violation(error: &Error) -> Option<Violation> {
    let source = error.source()?;
    if let Some(error) = source.downcast_ref::<StatementError>() {
        return error.violation;
    }
    #[cfg(feature = "sql")]
    {
        if let Some(error) = source.downcast_ref::<sqlx::Error>() {
            return of_sqlx(error);
        }
        if let Some(super::TransactionError::Database(error)) = source.downcast_ref() {
            return of_sqlx(error);
        }
    }
    #[cfg(feature = "sqlite")]
    if let Some(error) = source.downcast_ref::<rusqlite::Error>() {
        return of_sqlite(error);
    }
    None
}

#[cfg(feature = "sql")]
fn of_sqlx(error: &sqlx::Error) -> Option<Violation> {
    use sqlx::error::ErrorKind;
    match error.as_database_error()?.kind() {
        ErrorKind::UniqueViolation => Some(Violation::Unique),
        ErrorKind::ForeignKeyViolation => Some(Violation::ForeignKey),
        ErrorKind::NotNullViolation => Some(Violation::NotNull),
        ErrorKind::CheckViolation => Some(Violation::Check),
        _ => None,
    }
}

#[cfg(feature = "sqlite")]
fn of_sqlite(error: &rusqlite::Error) -> Option<Violation> {
    use rusqlite::ffi;
    match error.sqlite_error()?.extended_code {
        ffi::SQLITE_CONSTRAINT_UNIQUE | ffi::SQLITE_CONSTRAINT_PRIMARYKEY | ffi::SQLITE_CONSTRAINT_ROWID => {
            Some(Violation::Unique)
        }
        ffi::SQLITE_CONSTRAINT_FOREIGNKEY => Some(Violation::ForeignKey),
        ffi::SQLITE_CONSTRAINT_NOTNULL => Some(Violation::NotNull),
        ffi::SQLITE_CONSTRAINT_CHECK => Some(Violation::Check),
        _ => None,
    }
}
