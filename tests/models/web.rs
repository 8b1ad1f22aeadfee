//! A small server over a model: its handlers are ordinary functions.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Path, State};
use axum::http::{Request as HttpRequest, StatusCode};
use axum::routing::{get, post};
use hiku::prelude::*;
use tokio::sync::Notify;
use tower::ServiceExt;

use super::support::{Person, on_each};

const P: <Person as Node>::Columns = Person::COLUMNS;

#[derive(Clone)]
struct App {
    db: Db,
    /// What a handler in a transaction waits for.
    go_on: Arc<Notify>,
    started: Arc<Notify>,
}

/// What goes wrong is logged; a client sees that something did.
struct Failed;

impl From<Error> for Failed {
    fn from(_: Error) -> Self {
        Failed
    }
}

impl axum::response::IntoResponse for Failed {
    fn into_response(self) -> axum::response::Response {
        StatusCode::INTERNAL_SERVER_ERROR.into_response()
    }
}

type Answer = std::result::Result<(StatusCode, String), Failed>;

async fn make(State(app): State<App>, name: String) -> Answer {
    let person = Person::create(&app.db, [P.name.set(name), P.visits.set(0)]).await?;
    Ok((StatusCode::CREATED, person.id.to_string()))
}

async fn show(State(app): State<App>, Path(id): Path<i64>) -> Answer {
    Ok(match Person::get(&app.db, id).await? {
        Some(person) => (StatusCode::OK, person.name),
        None => (StatusCode::NOT_FOUND, String::new()),
    })
}

async fn create(State(app): State<App>, name: String) -> Answer {
    let db = &app.db;
    let work = || async {
        let (person, made) = Person::get_or_create(db, [P.name.set(name)], [P.visits.set(0)]).await?;
        Person::update(db, [P.visits.plus(1)]).filter(P.id.eq(person.id)).await?;
        Ok::<_, Error>((person.id, made))
    };
    let (id, made) = db.atomic(work).await?;
    Ok((if made { StatusCode::CREATED } else { StatusCode::OK }, id.to_string()))
}

/// As `create`, with something to wait for in the middle.
async fn slowly(State(app): State<App>, name: String) -> Answer {
    let work = || async {
        Person::create(&app.db, [P.name.set(name), P.visits.set(0)]).await?;
        app.started.notify_one();
        app.go_on.notified().await;
        Ok::<_, Error>(())
    };
    app.db.atomic(work).await?;
    Ok((StatusCode::CREATED, String::new()))
}

fn router(app: App) -> Router {
    Router::new()
        .route("/", post(make))
        .route("/{id}", get(show))
        .route("/create", post(create))
        .route("/slowly", post(slowly))
        .with_state(app)
}

fn app(db: Db) -> App {
    App { db, go_on: Arc::default(), started: Arc::default() }
}

fn request(method: &str, path: &str, body: &str) -> HttpRequest<Body> {
    HttpRequest::builder().method(method).uri(path).body(Body::from(body.to_owned())).unwrap()
}

async fn send(router: &Router, method: &str, path: &str, body: &str) -> (u16, String) {
    let response = router.clone().oneshot(request(method, path, body)).await.unwrap();
    let status = response.status().as_u16();
    let body = to_bytes(response.into_body(), 1000).await.unwrap();
    (status, String::from_utf8(body.to_vec()).unwrap())
}

#[tokio::test]
async fn c73_rows_are_made_shown_and_not_found() {
    on_each(|db| async move {
        let router = router(app(db.clone()));
        let (status, id) = send(&router, "POST", "/", "ann").await;
        assert_eq!(status, 201);
        assert_eq!(send(&router, "GET", &format!("/{id}"), "").await, (200, "ann".to_owned()));
        assert_eq!(send(&router, "GET", "/999", "").await.0, 404);
        assert_eq!(send(&router, "GET", "/x", "").await.0, 400);
        // A name that is taken.
        assert_eq!(send(&router, "POST", "/", "ann").await.0, 500);

        assert_eq!(send(&router, "POST", "/create", "ann").await, (200, id));
        let (status, bob) = send(&router, "POST", "/create", "bob").await;
        assert_eq!(status, 201);
        assert_eq!(send(&router, "POST", "/create", "bob").await, (200, bob));
        let visits = Person::select(&db).order_by(P.name).column(P.visits).await.unwrap();
        assert_eq!(visits, [1, 2]);
    })
    .await;
}

#[tokio::test]
async fn c73_a_client_that_disconnects_in_a_transaction_undoes_it() {
    on_each(|db| async move {
        let app = app(db.clone());
        let router = router(app.clone());
        let started = {
            let mut answer = pin!(router.clone().oneshot(request("POST", "/slowly", "ann")));
            let mut started = pin!(app.started.notified());
            // Until the row is there, inside; then the server drops what it was doing.
            poll_fn(|context| {
                assert!(answer.as_mut().poll(context).is_pending());
                started.as_mut().poll(context)
            })
            .await;
            poll_fn(|_| Poll::Ready(true)).await
        };
        assert!(started);
        assert_eq!(Person::select(&db).count().await.unwrap(), 0);
        // The next one goes through.
        app.go_on.notify_one();
        assert_eq!(send(&router, "POST", "/slowly", "ann").await.0, 201);
        assert_eq!(Person::select(&db).column(P.name).await.unwrap(), ["ann"]);
    })
    .await;
}
