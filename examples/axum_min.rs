//! A graph behind HTTP: `POST /graphql` on `PORT`, in one handler.

use axum::extract::{Json, State};
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use axum::{Router, routing::post};
use hiku::prelude::*;

#[node(memory)]
struct Ship {
    #[key]
    id: i64,
    name: String,
}

#[root]
struct Query {
    #[link(all)]
    ships: Many<Ship>,
    #[link(by_key)]
    ship: Maybe<Ship>,
}

async fn graphql(State(engine): State<Engine>, Json(request): Json<Request>) -> impl IntoResponse {
    let response = engine.execute(request).await;
    ([(CONTENT_TYPE, "application/graphql-response+json; charset=utf-8")], response.into_bytes())
}

#[tokio::main]
async fn main() -> Result<()> {
    let ships = [Ship { id: 1, name: "Enterprise".into() }, Ship { id: 2, name: "Reliant".into() }];
    let engine = Engine::builder(Graph::new::<Query>()?).data(Memory::new(&ships)).build()?;
    let app = Router::new().route("/graphql", post(graphql)).with_state(engine);
    let port = std::env::var("PORT").unwrap_or_else(|_| "8000".into());
    let listener = tokio::net::TcpListener::bind(format!("127.0.0.1:{port}")).await?;
    println!("http://{}/graphql", listener.local_addr()?);
    axum::serve(listener, app).await?;
    Ok(())
}
