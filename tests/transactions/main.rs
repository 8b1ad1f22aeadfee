//! Transactions, on SQLite and, where `HIKU_TEST_POSTGRES` names a server, on PostgreSQL; on MariaDB by `HIKU_TEST_MARIADB`.
//!
//! After each test no connection is lost, and none is in a transaction.
#![allow(
    missing_docs,
    dead_code,
    unreachable_pub,
    reason = "helpers are shared; fields of nodes are read by queries only"
)]

#[path = "../behaviour/databases.rs"]
mod databases;
#[path = "../behaviour/fixture.rs"]
mod fixture;

mod bank;
mod cancelled;
mod ended;
mod explicit;
mod loaders;
mod mariadb;
mod nested;
mod pool;
mod support;
