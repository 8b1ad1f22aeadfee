//! Which steps can run: each is queued once, when nothing is left that it waits for.

use crate::plan::{Plan, StepId};

/// The queue, and what is not in it yet.
pub(super) struct Ready {
    /// By step, how many others it still waits for; by place in the queue, the step.
    steps: Vec<(u32, StepId)>,
    taken: usize,
    queued: usize,
}

impl Ready {
    pub(super) fn new(plan: &Plan) -> Self {
        let steps = plan.steps.iter().map(|step| (step.waits, StepId(0))).collect();
        Ready { steps, taken: 0, queued: 0 }
    }

    /// The rows of its layer are known; it runs as soon as it waits for nothing else.
    pub(super) fn open(&mut self, step: StepId) {
        if self.steps[step.0 as usize].0 == 0 {
            self.push(step);
        }
    }

    /// One that it waits for is done.
    pub(super) fn one_less(&mut self, step: StepId) {
        self.steps[step.0 as usize].0 -= 1;
        self.open(step);
    }

    fn push(&mut self, step: StepId) {
        self.steps[self.queued].1 = step;
        self.queued += 1;
    }

    pub(super) fn pop(&mut self) -> Option<StepId> {
        let step = self.steps[self.taken..self.queued].first()?.1;
        self.taken += 1;
        Some(step)
    }
}
