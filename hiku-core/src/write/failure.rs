//! Errors of a response: what failed, and where.

use crate::error::Error;
use crate::escape::escape;
use crate::query::{Position, RequestError};

#[derive(Clone, Copy)]
pub(super) enum Part<'a> {
    Key(&'a str),
    Index(u32),
}

/// Where the writer is: on its stack, since only an error asks.
#[derive(Clone, Copy)]
pub(super) struct Path<'s, 'p> {
    pub(super) above: Option<&'s Path<'s, 'p>>,
    pub(super) part: Part<'p>,
}

pub(super) fn under_key<'s, 'p>(above: Option<&'s Path<'s, 'p>>, name: &'p str) -> Path<'s, 'p> {
    Path { above, part: Part::Key(name) }
}

pub(super) fn at_index<'s, 'p>(above: Option<&'s Path<'s, 'p>>, index: usize) -> Path<'s, 'p> {
    Path { above, part: Part::Index(index as u32) }
}

pub(super) struct Failure<'a> {
    pub(super) error: Error,
    pub(super) path: Vec<Part<'a>>,
    /// Unless the error knows its own.
    pub(super) positions: &'a [Position],
}

impl Failure<'_> {
    pub(super) fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(b"{\"message\":");
        escape(out, &self.error.public_message());
        match self.error.place() {
            Some((line, column)) => locations(out, &[Position { line, column }]),
            None => locations(out, self.positions),
        }
        if !self.path.is_empty() {
            out.extend_from_slice(b",\"path\":[");
            for (at, part) in self.path.iter().enumerate() {
                if at > 0 {
                    out.push(b',');
                }
                match part {
                    Part::Key(key) => escape(out, key),
                    Part::Index(index) => out.extend_from_slice(itoa::Buffer::new().format(*index).as_bytes()),
                }
            }
            out.push(b']');
        }
        if let Some(code) = self.error.public_code() {
            out.extend_from_slice(b",\"extensions\":{\"code\":");
            escape(out, code);
            out.push(b'}');
        }
        out.push(b'}');
    }
}

/// The response to a request that was refused: no data.
pub(crate) fn refusal(errors: &[RequestError]) -> Vec<u8> {
    let mut out = b"{\"errors\":[".to_vec();
    for (at, error) in errors.iter().enumerate() {
        if at > 0 {
            out.push(b',');
        }
        out.extend_from_slice(b"{\"message\":");
        escape(&mut out, &error.message);
        locations(&mut out, &error.locations);
        out.extend_from_slice(b",\"extensions\":{\"code\":");
        escape(&mut out, error.code);
        out.extend_from_slice(b"}}");
    }
    out.extend_from_slice(b"]}");
    out
}

fn locations(out: &mut Vec<u8>, positions: &[Position]) {
    if positions.is_empty() {
        return;
    }
    out.extend_from_slice(b",\"locations\":[");
    for (at, position) in positions.iter().enumerate() {
        if at > 0 {
            out.push(b',');
        }
        out.extend_from_slice(format!("{{\"line\":{},\"column\":{}}}", position.line, position.column).as_bytes());
    }
    out.push(b']');
}
