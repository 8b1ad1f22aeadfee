//! SQL: databases, dialects, statements; the only module that knows SQL text and drivers.
//!
//! A plan describes what it wants ([`Statement`]); a [`Session`] runs it over the connections of one request and answers
//! columns. Nothing from a request ever becomes SQL text: values are bound, identifiers are quoted.

#[cfg(any(feature = "sqlite", feature = "postgres", feature = "mysql"))]
mod builder;
mod db;
mod dialect;
mod filter;
#[cfg(feature = "mysql")]
mod mysql;
#[cfg(feature = "postgres")]
mod postgres;
mod schema;
mod session;
#[cfg(feature = "sqlite")]
mod sqlite;
mod statement;
#[cfg(any(feature = "sqlite", feature = "postgres", feature = "mysql"))]
mod transaction;
#[cfg(any(feature = "sqlite", feature = "postgres", feature = "mysql"))]
mod values;

#[cfg(any(feature = "sqlite", feature = "postgres", feature = "mysql"))]
pub use builder::{DbBuilder, PoolStats};
pub use db::Db;
pub use dialect::Dialect;
pub use filter::Filter;
pub use schema::{SchemaError, check_schema, create_tables, drop_tables, schema_sql};
pub use session::{FetchArgs, Fetched, Fetching, Page, Session, Started, ValueError};
pub use statement::{KeyColumn, OrderColumn, Relation, SelectColumn, SelectExpr, Shape, Statement};
#[cfg(any(feature = "sqlite", feature = "postgres", feature = "mysql"))]
pub use transaction::{Conn, Isolation, TransactionError, Tx, TxOptions};
