//! The response: one pass over plan and index straight into the buffer.
//!
//! A value that fails where null is not allowed takes its object with it: the writer goes back to the nearest place that
//! can be null and drops what it wrote since. Paths are known while writing, so that errors need no pass of their own.
//! GraphQL specification, October 2021, 6.4.4 and 7.1.

use std::sync::atomic::{AtomicUsize, Ordering};

use super::entry::{RecordOut, entry};
use super::failure::Failure;
use super::writer::{Stop, Writer};
use crate::error::Error;
use crate::escape::escape;
use crate::index::Index;
use crate::plan::{OutputId, Plan};
use crate::query::Introspected;

/// What a response may cost.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    /// Bytes of data, also of data that was dropped again.
    pub(crate) bytes: usize,
}

/// The parts of one response.
pub(crate) struct Written {
    pub(crate) bytes: Vec<u8>,
    /// Errors that were masked, for the log.
    pub(crate) masked: Vec<Error>,
    pub(crate) errors: usize,
}

/// The response of a run.
pub(crate) fn response(plan: &Plan, index: &Index, introspected: &Introspected, bounds: Bounds) -> Written {
    let mut data = Data::new(plan, bounds);
    data.write(plan, index, introspected);
    data.finish()
}

/// A response while it is written: of one run, or of several whose entries make one object.
pub(crate) struct Data<'p> {
    out: Vec<u8>,
    errors: Vec<Failure<'p>>,
    more_errors: usize,
    dropped: usize,
    bounds: Bounds,
    /// Where the length is kept, as a guess for the next one.
    written: &'p AtomicUsize,
}

const HEAD: &[u8] = b"{\"data\":";

/// How far a response was written.
#[derive(Clone, Copy)]
pub(crate) struct Mark {
    bytes: usize,
    errors: usize,
    more_errors: usize,
}

impl<'p> Data<'p> {
    /// For the answer of this plan, which is the first one of several.
    pub(crate) fn new(plan: &'p Plan, bounds: Bounds) -> Self {
        // Some more, since answers differ, and a key takes a little more room while it is written.
        let last = plan.written.load(Ordering::Relaxed);
        let mut out = Vec::with_capacity(last + last / 32 + 64);
        out.extend_from_slice(HEAD);
        Data { out, errors: Vec::new(), more_errors: 0, dropped: 0, bounds, written: &plan.written }
    }

    /// Adds what a run left. `false` if there is no data any more, so that nothing can be added.
    pub(crate) fn write(&mut self, plan: &'p Plan, index: &Index, introspected: &'p Introspected) -> bool {
        let mut entries = Vec::with_capacity(plan.output.iter().map(|set| set.entries.len()).sum());
        plan.output.iter().for_each(|set| entries.extend(set.entries.iter().map(|of| entry(plan, index, set, of))));
        let records: Vec<RecordOut<'_>> = plan.records.iter().map(RecordOut::new).collect();
        let mut writer = Writer {
            plan,
            tables: &index.tables,
            entries: &entries,
            records: &records,
            introspected,
            out: std::mem::take(&mut self.out),
            errors: std::mem::take(&mut self.errors),
            more_errors: self.more_errors,
            dropped: self.dropped,
            most: self.bounds.bytes,
            memo: Some(Vec::new()),
        };
        let more = writer.out.len() > HEAD.len();
        if more {
            writer.out.pop();
        }
        let start = writer.out.len();
        let written = writer.object(OutputId(0), 0, None);
        let Writer { out, errors, more_errors, dropped, .. } = writer;
        (self.out, self.errors, self.more_errors, self.dropped) = (out, errors, more_errors, dropped);
        if let Err(stop) = written {
            self.out.truncate(HEAD.len());
            self.out.extend_from_slice(b"null");
            if let Stop::TooLarge = stop {
                let message = format!("the response is larger than {} bytes; ask for less", self.bounds.bytes);
                let error = Error::new(message).code("RESPONSE_TOO_LARGE");
                self.errors = vec![Failure { error, path: Vec::new(), positions: &[] }];
                self.more_errors = 0;
            }
            return false;
        }
        if more {
            // The object goes on: what would open it separates.
            self.out[start] = b',';
        }
        true
    }

    pub(crate) fn mark(&self) -> Mark {
        Mark { bytes: self.out.len(), errors: self.errors.len(), more_errors: self.more_errors }
    }

    /// Whether an error has made the one entry null that was added since.
    pub(crate) fn is_null_since(&self, mark: Mark) -> bool {
        let failed = self.errors.len() > mark.errors || self.more_errors > mark.more_errors;
        failed && self.out.ends_with(b":null}")
    }

    /// As it was. What has failed since, for the log.
    pub(crate) fn back_to(&mut self, mark: Mark) -> Vec<Error> {
        self.out.truncate(mark.bytes);
        self.more_errors = mark.more_errors;
        let since = mark.errors.min(self.errors.len());
        self.errors.drain(since..).map(|failure| failure.error).collect()
    }

    pub(crate) fn finish(self) -> Written {
        let Data { mut out, errors, more_errors, written, .. } = self;
        let mut masked = Vec::new();
        if !errors.is_empty() {
            out.extend_from_slice(b",\"errors\":[");
            for (at, failure) in errors.iter().enumerate() {
                if at > 0 {
                    out.push(b',');
                }
                failure.write(&mut out);
                if !failure.error.is_public() {
                    masked.push(failure.error.clone());
                }
            }
            if more_errors > 0 {
                out.extend_from_slice(b",{\"message\":");
                escape(&mut out, &format!("{more_errors} more errors"));
                out.push(b'}');
            }
            out.push(b']');
        }
        out.push(b'}');
        written.store(out.len(), Ordering::Relaxed);
        Written { bytes: out, masked, errors: errors.len() + more_errors }
    }
}
