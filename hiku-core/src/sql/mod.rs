//! SQL: databases, dialects, statements; the only module that knows SQL text and drivers.
//!
//! A plan describes what it wants ([`Statement`]); a [`Session`] runs it over the connections of one request and answers
//! columns. Nothing from a request ever becomes SQL text: values are bound, identifiers are quoted.

mod blocking;
#[cfg(feature = "sql")]
mod builder;
mod db;
mod dialect;
mod filter;
mod model;
#[cfg(feature = "mysql")]
mod mysql;
#[cfg(feature = "postgres")]
mod postgres;
#[cfg(any(feature = "postgres", feature = "mysql"))]
mod ready;
mod request;
#[cfg(feature = "sql")]
mod room;
mod schema;
mod session;
#[cfg(feature = "sqlite")]
mod sqlite;
mod statement;
#[cfg(feature = "sql")]
mod transaction;
#[cfg(feature = "sql")]
mod values;
mod violation;

pub use blocking::allow_blocking;
#[cfg(feature = "sql")]
pub use builder::{DbBuilder, PoolStats};
pub use db::Db;
pub use dialect::Dialect;
pub use filter::{Filter, Operand, TextValue};
pub use model::{Change, Columns, Delete, Insert, Model, Operation, Order, Select, Update};
pub use schema::{SchemaError, check_schema, create_tables, drop_tables, schema_sql};
pub(crate) use session::Without;
pub use session::{FetchArgs, Fetched, Fetching, Page, Session, Started, ValueError};
pub use statement::{KeyColumn, OrderColumn, Relation, SelectColumn, SelectExpr, Shape, Statement};
#[cfg(feature = "sql")]
pub use transaction::{Conn, Isolation, TransactionError, Tx, TxOptions, carry_transactions};
pub use violation::{Violation, violation};
