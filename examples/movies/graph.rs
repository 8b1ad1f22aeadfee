//! The graph of the example. So far only fields that answer their argument.

use hiku::prelude::*;

#[root]
struct Query {}

#[root]
impl Query {
    #[field]
    fn echo_int(#[arg] v: Option<i32>) -> Option<i32> {
        v
    }

    #[field]
    fn echo_float(#[arg] v: Option<f64>) -> Option<f64> {
        v
    }

    #[field]
    fn echo_bool(#[arg] v: Option<bool>) -> Option<bool> {
        v
    }
}

/// The engine of the example.
pub fn engine() -> Engine {
    Engine::builder(Graph::new::<Query>().expect("the graph is sound")).build().expect("the engine is complete")
}
