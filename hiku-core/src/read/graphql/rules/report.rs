//! What is wrong, in the order in which it is reported, and when to stop.

/// What is wrong, and at which bytes.
pub(in super::super) struct Wrong {
    pub(in super::super) message: String,
    pub(in super::super) offsets: Vec<usize>,
}

/// The errors so far.
pub(super) struct Report {
    pub(super) wrong: Vec<Wrong>,
    limit: usize,
    /// Nothing is reported any more.
    pub(super) stopped: bool,
}

impl Report {
    pub(super) fn new(limit: usize) -> Self {
        Report { wrong: Vec::new(), limit, stopped: false }
    }

    pub(super) fn push(&mut self, wrong: Wrong) {
        if self.stopped {
            return;
        }
        if self.wrong.len() < self.limit {
            self.wrong.push(wrong);
        } else {
            self.stop("Too many validation errors, error limit reached. Validation aborted.");
        }
    }

    /// Judging would cost more than it may.
    pub(super) fn abort(&mut self) {
        if !self.stopped {
            self.stop("Validation aborted.");
        }
    }

    fn stop(&mut self, message: &str) {
        self.wrong.push(Wrong { message: message.to_owned(), offsets: Vec::new() });
        self.stopped = true;
    }
}

/// The work that a rule may do for a document.
pub(super) struct Budget(usize);

/// A budget is spent.
pub(super) struct Spent;

impl Budget {
    pub(super) fn new(work: usize) -> Self {
        Budget(work)
    }

    pub(super) fn spend(&mut self, work: usize) -> Result<(), Spent> {
        self.0 = self.0.checked_sub(work).ok_or(Spent)?;
        Ok(())
    }
}
