//! Models: the same operations with `.await` and with `.blocking()`, on SQLite and, where `HIKU_TEST_POSTGRES` names a server,
//! on PostgreSQL.
#![allow(
    missing_docs,
    dead_code,
    unreachable_pub,
    reason = "helpers are shared; fields of nodes are read by queries only"
)]

#[path = "../behaviour/databases.rs"]
mod databases;
#[path = "../behaviour/log.rs"]
mod log;

mod blocking;
mod filters;
mod mariadb;
mod operations;
mod racing;
mod scopes;
mod styles;
mod support;
mod values;
mod web;
