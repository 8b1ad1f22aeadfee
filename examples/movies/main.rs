//! The graph of the conformance tests behind HTTP: `POST /graphql` on `--port`, in one handler.

#[allow(unreachable_pub, reason = "a test uses the same file")]
mod graph;

use axum::extract::{Json, State};
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use axum::{Router, routing::post};
use hiku::{Engine, Request, Result};

async fn graphql(State(engine): State<Engine>, Json(request): Json<Request>) -> impl IntoResponse {
    let response = engine.execute(request.data(graph::Counter::default())).await;
    ([(CONTENT_TYPE, "application/graphql-response+json; charset=utf-8")], response.into_bytes())
}

#[tokio::main]
async fn main() -> Result<()> {
    let port = std::env::args().skip_while(|word| word != "--port").nth(1).unwrap_or_else(|| "8000".into());
    let app = Router::new().route("/graphql", post(graphql)).with_state(graph::engine()?);
    let listener = tokio::net::TcpListener::bind(format!("127.0.0.1:{port}")).await?;
    println!("http://{}/graphql", listener.local_addr()?);
    axum::serve(listener, app).await?;
    Ok(())
}
