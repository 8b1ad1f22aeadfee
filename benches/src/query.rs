//! What is asked, and of whom.

use std::pin::Pin;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Query {
    Flat,
    OneToMany,
    ManyToOne,
    ThreeLevels,
    ByKey,
}

impl Query {
    pub const ALL: [Query; 5] = [Query::Flat, Query::OneToMany, Query::ManyToOne, Query::ThreeLevels, Query::ByKey];

    pub fn name(self) -> &'static str {
        match self {
            Query::Flat => "Q1",
            Query::OneToMany => "Q2",
            Query::ManyToOne => "Q3",
            Query::ThreeLevels => "Q4",
            Query::ByKey => "Q5",
        }
    }

    pub fn text(self) -> &'static str {
        match self {
            Query::Flat => "{ characters { name species } }",
            Query::OneToMany => "{ characters { name actors { name } } }",
            Query::ManyToOne => "{ actors { name character { name actors { name } } } }",
            Query::ThreeLevels => "{ characters { name actors { name movies { title year } } } }",
            Query::ByKey => "{ character(id: 2) { name } }",
        }
    }
}

pub type Answer<'a> = Pin<Box<dyn Future<Output = Vec<u8>> + Send + 'a>>;

/// One way to answer the queries.
pub trait Impl: Send + Sync {
    fn name(&self) -> &str;

    /// The whole response body.
    fn run(&self, query: Query) -> Answer<'_>;
}
