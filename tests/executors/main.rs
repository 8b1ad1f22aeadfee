//! One graph on this thread, on threads of a pool, and in a task; and connections of blocking drivers on threads of their own.
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

mod cancelled;
mod connections;
mod drivers;
mod kinds;
mod order;
mod panics;
mod pools;
mod same;
mod stalls;
mod support;
