//! What users rely on, through the facade: each test asserts the response and the loaders that ran.
//!
//! Tests with a database run on SQLite, and on PostgreSQL and MariaDB where `HIKU_TEST_POSTGRES` and
//! `HIKU_TEST_MARIADB` name servers.
#![allow(missing_docs, dead_code, unreachable_pub, reason = "fields of nodes are read by queries only")]

mod abstract_types;
mod bad_input;
mod cases_of_nodes;
mod computed;
mod databases;
#[cfg(feature = "decimal")]
mod decimals;
mod definitions;
mod down;
mod enums;
mod errors;
mod explain;
mod fixture;
mod hostile;
mod inputs;
mod introspection;
mod keys;
mod language;
mod links;
mod log;
mod mariadb;
mod memory;
mod mutations;
mod naming;
mod paging;
mod pools;
mod proxy;
mod ready;
mod records;
mod requests;
mod requirements;
mod scalars;
mod scopes;
mod sources;
mod sqlite;
mod texts;
mod values;
mod wrong_values;
