//! What users keep and share can be moved between threads, and so can the future of a request.
#![allow(missing_docs, reason = "a test")]

use std::panic::{RefUnwindSafe, UnwindSafe};

use hiku::prelude::*;

#[node(table = "thing")]
pub struct Thing {
    #[key]
    id: i64,
    #[link(from = id)]
    itself: One<Thing>,
}

#[root]
pub struct Query {
    #[link]
    things: Many<Thing>,
}

fn shared<T: Send + Sync + 'static>() {}
fn cheap<T: Clone + Send + Sync + 'static>() {}
fn sent<T: Send>(_: &T) {}
fn unwinds<T: UnwindSafe + RefUnwindSafe>() {}

#[test]
fn what_outlives_a_request_is_shared_between_threads() {
    cheap::<Engine>();
    cheap::<Context>();
    cheap::<Error>();
    cheap::<Db>();
    shared::<Graph>();
    shared::<hiku::GraphError>();
    shared::<hiku::EngineError>();
    shared::<Memory<Thing>>();
    shared::<hiku::graph::NodeDef>();
}

#[test]
fn what_a_request_is_made_of_moves_between_threads() {
    shared::<Request>();
    shared::<Response>();
    shared::<One<Thing>>();
    shared::<Maybe<Thing>>();
    shared::<Many<Thing>>();
    shared::<MaybeMany<Thing>>();
    shared::<hiku::index::Column>();
}

#[test]
fn a_column_is_no_obstacle_to_catching_panics() {
    unwinds::<hiku::index::Column>();
    unwinds::<hiku::graph::Col<Thing, i64>>();
    let columns: <Thing as Node>::Columns = Thing::COLUMNS;
    let copy = columns;
    assert_eq!(columns.id.name(), copy.id.name());
}

#[test]
fn the_future_of_a_request_is_send() {
    let engine = Engine::builder(Graph::new::<Query>().unwrap()).request_data::<Db>().build().unwrap();
    let future = engine.execute("{ things { id } }");
    sent(&future);
}
