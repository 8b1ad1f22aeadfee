//! juniper in memory, by its synchronous executor: resolvers go to the rows directly and lend their strings.

use std::sync::Arc;

use juniper::{EmptyMutation, EmptySubscription, ID, RootNode, Variables, graphql_object};

use crate::data::{Actor, Character, Data, Movie};
use crate::query::{Answer, Impl, Query};

/// The rows, with the row numbers of what belongs to each.
pub struct Rows {
    data: Arc<Data>,
    actors_of: Vec<Vec<usize>>,
    movies_of: Vec<Vec<usize>>,
}

impl juniper::Context for Rows {}

impl Rows {
    fn actors_of(&self, character: &Character) -> impl Iterator<Item = &Actor> {
        self.actors_of[character.id as usize - 1].iter().map(|&row| &self.data.actors[row])
    }
}

struct Root;

#[graphql_object(context = Rows, name = "Query")]
impl Root {
    fn characters(context: &Rows) -> Vec<&Character> {
        context.data.characters.iter().collect()
    }

    fn actors(context: &Rows) -> Vec<&Actor> {
        context.data.actors.iter().collect()
    }

    fn character(context: &Rows, id: ID) -> Option<&Character> {
        let id: i64 = id.parse().ok()?;
        context.data.characters.get(usize::try_from(id).ok()?.checked_sub(1)?)
    }
}

#[graphql_object(context = Rows)]
impl Character {
    fn name(&self) -> &str {
        &self.name
    }

    fn species(&self) -> Option<&str> {
        self.species.as_deref()
    }

    fn actors<'db>(&self, context: &'db Rows) -> Vec<&'db Actor> {
        context.actors_of(self).collect()
    }

    fn some<'db>(&self, context: &'db Rows, limit: i32, offset: i32) -> Vec<&'db Actor> {
        context.actors_of(self).skip(offset as usize).take(limit as usize).collect()
    }
}

#[graphql_object(context = Rows)]
impl Actor {
    fn name(&self) -> &str {
        &self.name
    }

    #[graphql(name = "label")]
    fn labelled(&self) -> String {
        self.label()
    }

    fn character<'db>(&self, context: &'db Rows) -> &'db Character {
        &context.data.characters[self.character_id as usize - 1]
    }

    fn movies<'db>(&self, context: &'db Rows) -> Vec<&'db Movie> {
        let rows = &context.movies_of[self.id as usize - 1];
        rows.iter().map(|&row| &context.data.movies[row]).collect()
    }
}

#[graphql_object(context = Rows)]
impl Movie {
    fn title(&self) -> &str {
        &self.title
    }

    fn year(&self) -> i32 {
        self.year
    }
}

type Schema = RootNode<Root, EmptyMutation<Rows>, EmptySubscription<Rows>>;

pub struct InMemory {
    schema: Schema,
    rows: Rows,
}

impl InMemory {
    pub fn new(data: Arc<Data>) -> InMemory {
        let rows = Rows { actors_of: data.actors_of(), movies_of: data.movies_of(), data };
        InMemory { schema: Schema::new(Root, EmptyMutation::new(), EmptySubscription::new()), rows }
    }

    fn respond(&self, query: Query) -> Vec<u8> {
        #[derive(serde::Serialize)]
        struct Body {
            data: juniper::Value,
        }
        let answer = juniper::execute_sync(query.text(), None, &self.schema, &Variables::new(), &self.rows);
        let (data, errors) = answer.unwrap();
        assert!(errors.is_empty(), "{errors:?}");
        serde_json::to_vec(&Body { data }).unwrap()
    }
}

impl Impl for InMemory {
    fn name(&self) -> &str {
        "juniper, sync"
    }

    fn run(&self, query: Query) -> Answer<'_> {
        Box::pin(async move { self.respond(query) })
    }
}
