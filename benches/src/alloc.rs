//! Counts what one request allocates, on all threads.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// The system's allocator. It counts only while asked to, so that timing is not disturbed.
struct Counting;

static ACTIVE: AtomicBool = AtomicBool::new(false);
static CALLS: AtomicUsize = AtomicUsize::new(0);
static BYTES: AtomicUsize = AtomicUsize::new(0);

fn count(bytes: usize) {
    if ACTIVE.load(Relaxed) {
        CALLS.fetch_add(1, Relaxed);
        BYTES.fetch_add(bytes, Relaxed);
    }
}

// SAFETY: every call goes to the system's allocator as it came.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size());
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        count(layout.size());
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count(size.saturating_sub(layout.size()));
        unsafe { System.realloc(pointer, layout, size) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[derive(Clone, Copy)]
pub struct Allocations {
    pub calls: usize,
    pub bytes: usize,
}

pub async fn of(work: impl Future) -> Allocations {
    let before = Allocations { calls: CALLS.load(Relaxed), bytes: BYTES.load(Relaxed) };
    ACTIVE.store(true, Relaxed);
    work.await;
    ACTIVE.store(false, Relaxed);
    Allocations { calls: CALLS.load(Relaxed) - before.calls, bytes: BYTES.load(Relaxed) - before.bytes }
}
