//! Readers: from the text of a query to an [`Operation`](crate::query::Operation).
//!
//! Owns query languages: their syntax, their rules, and the limits on what a text may ask for. It does not plan, load, or
//! coerce the variables of a request (that is [`query::coerce`](crate::query::coerce): it happens on every request, reading
//! does not).

pub mod graphql;

/// How much a query may ask of a reader. Checked before anything that costs more than a pass over the text.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Limits {
    /// How many tokens a text may have; 15,000 by default. Comments and commas are counted apart, up to four times this.
    pub tokens: usize,
    /// How deep selection sets and values may nest, with fragments put in place; 100 by default, 100 at most.
    pub depth: usize,
    /// How many selections all operations of a text may have, with fragments put in place; 10,000 by default.
    pub selections: usize,
    /// How many errors are reported of one text; 100 by default.
    pub errors: usize,
    /// Whether `__schema` and `__type` can be asked; true by default.
    pub introspection: bool,
}

impl Default for Limits {
    fn default() -> Self {
        Limits { tokens: 15_000, depth: 100, selections: 10_000, errors: 100, introspection: true }
    }
}
