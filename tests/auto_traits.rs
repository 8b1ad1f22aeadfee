//! What can be shared between threads and awaited in a spawned task: part of the interface, held at compile time.

use hiku::prelude::*;
use hiku::{Limits, graph, index, query, run, testing, threads};

#[node(memory)]
struct Ship {
    #[key]
    id: i64,
}

#[root]
struct Query {
    #[link(all)]
    ships: Many<Ship>,
}

fn is_send<T: Send>(_: &T) {}

const fn send_and_sync<T: Send + Sync>() {}

const _: () = {
    send_and_sync::<Engine>();
    send_and_sync::<hiku::EngineBuilder>();
    send_and_sync::<hiku::EngineError>();
    send_and_sync::<Graph>();
    send_and_sync::<hiku::GraphError>();
    send_and_sync::<Request>();
    send_and_sync::<Response>();
    send_and_sync::<Error>();
    send_and_sync::<Context>();
    send_and_sync::<Data<String>>();
    send_and_sync::<Memory<Ship>>();
    send_and_sync::<Limits>();
    send_and_sync::<graph::NodeDef>();
    send_and_sync::<graph::Call>();
    send_and_sync::<graph::Answer>();
    send_and_sync::<index::Column>();
    send_and_sync::<query::Operation>();
    send_and_sync::<run::Load>();
    send_and_sync::<testing::Ran>();
    send_and_sync::<threads::Threads>();
    // Also of connections that must stay where they are.
    send_and_sync::<threads::ThreadConn<std::rc::Rc<()>>>();
    send_and_sync::<threads::ConnPool<std::rc::Rc<()>>>();
};

#[cfg(any(feature = "sqlite", feature = "postgres", feature = "mysql"))]
const _: () = {
    send_and_sync::<Db>();
    send_and_sync::<hiku::sql::Filter>();
};

#[cfg(feature = "bridge")]
const _: () = {
    const fn send<T: Send>() {}
    send::<hiku::bridge::AsyncDefSend<String>>();
    send::<hiku::bridge::RequireAwait<hiku::bridge::AsyncDefSend<String>>>();
    send_and_sync::<hiku::bridge::AwaitletError>();
    send_and_sync::<hiku::bridge::NoAwaitOccurred>();
};

#[test]
fn futures_can_be_spawned() {
    let rows = Memory::new(&[Ship { id: 1 }]);
    let engine = Engine::builder(Graph::new::<Query>().unwrap()).data(rows).build().unwrap();
    is_send(&engine.execute("{ ships { id } }"));
    is_send(&testing::run(&engine, "{ ships { id } }"));
    assert!(engine.execute_blocking("{ ships { id } }").is_ok());
}
