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
#[path = "../behaviour/proxy.rs"]
mod proxy;

mod bank;
mod cancelled;
mod conflicts;
mod ended;
mod explicit;
mod faults;
mod kept;
mod loaders;
mod mariadb;
mod mutations;
mod nested;
mod pool;
mod prepared;
mod snapshot;
mod stopped;
mod support;
