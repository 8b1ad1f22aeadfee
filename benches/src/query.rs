//! What is asked, and of whom.

use std::pin::Pin;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Query {
    Flat,
    OneToMany,
    ManyToOne,
    ThreeLevels,
    ByKey,
    TypeName,
    // Held out: nothing is tuned to these.
    Aliases,
    Fragments,
    Page,
    Computed,
}

impl Query {
    pub const ALL: [Query; 10] = [
        Query::Flat,
        Query::OneToMany,
        Query::ManyToOne,
        Query::ThreeLevels,
        Query::ByKey,
        Query::TypeName,
        Query::Aliases,
        Query::Fragments,
        Query::Page,
        Query::Computed,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Query::Flat => "Q1",
            Query::OneToMany => "Q2",
            Query::ManyToOne => "Q3",
            Query::ThreeLevels => "Q4",
            Query::ByKey => "Q5",
            Query::TypeName => "Q6",
            Query::Aliases => "H1",
            Query::Fragments => "H2",
            Query::Page => "H3",
            Query::Computed => "H4",
        }
    }

    /// Whether it is asked of rows in tables, too.
    pub fn of_tables(self) -> bool {
        matches!(self, Query::Flat | Query::OneToMany | Query::ManyToOne | Query::ThreeLevels | Query::ByKey)
    }

    pub fn text(self) -> &'static str {
        match self {
            Query::Flat => "{ characters { name species } }",
            Query::OneToMany => "{ characters { name actors { name } } }",
            Query::ManyToOne => "{ actors { name character { name actors { name } } } }",
            Query::ThreeLevels => "{ characters { name actors { name movies { title year } } } }",
            Query::ByKey => "{ character(id: 2) { name } }",
            Query::TypeName => "{ __typename }",
            Query::Aliases => {
                "{ a: characters { b: name c: actors { d: name e: name f: movies { g: title h: year } } i: species } }"
            }
            Query::Fragments => {
                "{ actors { ...A movies { ...M } } } fragment A on Actor { name character { ...C } }
                 fragment C on Character { name species } fragment M on Movie { title year }"
            }
            Query::Page => "{ characters { name some(limit: 3, offset: 2) { name } } }",
            Query::Computed => "{ actors { label } }",
        }
    }
}

pub type Answer<'a> = Pin<Box<dyn Future<Output = Vec<u8>> + Send + 'a>>;

/// One way to answer the queries.
pub trait Impl: Send + Sync {
    fn name(&self) -> &str;

    /// Whether it can answer this query.
    fn answers(&self, _: Query) -> bool {
        true
    }

    /// The whole response body.
    fn run(&self, query: Query) -> Answer<'_>;
}
