//! In memory there is nothing to batch: resolvers go to the rows directly and lend their strings.

use std::sync::Arc;

use async_graphql::{Context, EmptyMutation, EmptySubscription, ID, Object, Schema};

use crate::data::Data;
use crate::query::{Answer, Impl, Query};

/// The rows, with the row numbers of what belongs to each.
struct Rows {
    data: Arc<Data>,
    actors_of: Vec<Vec<usize>>,
    movies_of: Vec<Vec<usize>>,
}

fn rows<'a>(context: &Context<'a>) -> &'a Rows {
    context.data_unchecked()
}

struct Root;

#[Object(name = "Query")]
impl Root {
    async fn characters(&self, context: &Context<'_>) -> Vec<Character> {
        (0..rows(context).data.characters.len()).map(Character).collect()
    }

    async fn actors(&self, context: &Context<'_>) -> Vec<Actor> {
        (0..rows(context).data.actors.len()).map(Actor).collect()
    }

    async fn character(&self, context: &Context<'_>, id: ID) -> Option<Character> {
        let id: i64 = id.parse().ok()?;
        let row = usize::try_from(id).ok()?.checked_sub(1)?;
        (row < rows(context).data.characters.len()).then_some(Character(row))
    }
}

/// By row number; so are the others.
struct Character(usize);

#[Object]
impl Character {
    async fn name<'a>(&self, context: &Context<'a>) -> &'a str {
        &rows(context).data.characters[self.0].name
    }

    async fn species<'a>(&self, context: &Context<'a>) -> Option<&'a str> {
        rows(context).data.characters[self.0].species.as_deref()
    }

    async fn actors(&self, context: &Context<'_>) -> Vec<Actor> {
        rows(context).actors_of[self.0].iter().copied().map(Actor).collect()
    }

    async fn some(&self, context: &Context<'_>, limit: i32, offset: i32) -> Vec<Actor> {
        let all = rows(context).actors_of[self.0].iter().copied();
        all.skip(offset as usize).take(limit as usize).map(Actor).collect()
    }
}

struct Actor(usize);

#[Object]
impl Actor {
    async fn name<'a>(&self, context: &Context<'a>) -> &'a str {
        &rows(context).data.actors[self.0].name
    }

    async fn label(&self, context: &Context<'_>) -> String {
        rows(context).data.actors[self.0].label()
    }

    async fn character(&self, context: &Context<'_>) -> Character {
        Character(rows(context).data.actors[self.0].character_id as usize - 1)
    }

    async fn movies(&self, context: &Context<'_>) -> Vec<Movie> {
        rows(context).movies_of[self.0].iter().copied().map(Movie).collect()
    }
}

struct Movie(usize);

#[Object]
impl Movie {
    async fn title<'a>(&self, context: &Context<'a>) -> &'a str {
        &rows(context).data.movies[self.0].title
    }

    async fn year(&self, context: &Context<'_>) -> i32 {
        rows(context).data.movies[self.0].year
    }
}

pub struct InMemory(Schema<Root, EmptyMutation, EmptySubscription>);

impl InMemory {
    pub fn new(data: Arc<Data>) -> InMemory {
        let rows = Rows { actors_of: data.actors_of(), movies_of: data.movies_of(), data };
        InMemory(Schema::build(Root, EmptyMutation, EmptySubscription).data(rows).finish())
    }
}

impl Impl for InMemory {
    fn name(&self) -> &str {
        "async-graphql"
    }

    fn run(&self, query: Query) -> Answer<'_> {
        Box::pin(async move { serde_json::to_vec(&self.0.execute(query.text()).await).unwrap() })
    }
}
