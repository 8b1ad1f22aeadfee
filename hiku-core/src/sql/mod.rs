//! SQL: databases, dialects, statements.

/// A condition on rows, from request data.
#[derive(Clone, Debug)]
pub struct Filter;

/// A database.
#[derive(Clone, Debug)]
pub struct Db;

impl AsRef<Db> for Db {
    fn as_ref(&self) -> &Db {
        self
    }
}
