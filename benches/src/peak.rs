//! How far the memory of a process grows: each implementation answers in a process of its own.

use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use crate::query::{Impl, Query};

/// Tells a process to be one of those: this, the name of the implementation, the file, how many requests.
pub const ARGUMENT: &str = "--peak-of";

pub const QUERY: Query = Query::ThreeLevels;

pub const REQUESTS: usize = 20;

/// Of each implementation: with a heap for each thread, as glibc has it, they differ; with `MALLOC_ARENA_MAX=1` hardly.
pub const PROCESSES: usize = 7;

/// Bytes of each process, sorted, by implementation over a SQLite file.
pub fn measure(impls: &[Arc<dyn Impl>], file: &Path, processes: usize, requests: usize) -> Vec<Vec<usize>> {
    let growth = |name: &str| {
        let mut process = Command::new(std::env::current_exe().unwrap());
        let process = process.arg(ARGUMENT).arg(name).arg(file).arg(requests.to_string());
        let output = process.output().unwrap();
        assert!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
        str::from_utf8(&output.stdout).unwrap().trim().parse::<usize>().unwrap()
    };
    let sorted = |candidate: &Arc<dyn Impl>| {
        let mut bytes: Vec<usize> = (0..processes).map(|_| growth(candidate.name())).collect();
        bytes.sort_unstable();
        bytes
    };
    impls.iter().map(sorted).collect()
}

/// In that process: prints by how many bytes the most that it ever held has grown.
pub async fn print(candidate: &dyn Impl, requests: usize) {
    let before = most_ever_held();
    for _ in 0..requests {
        std::hint::black_box(candidate.run(QUERY).await);
    }
    println!("{}", most_ever_held() - before);
}

fn most_ever_held() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").expect("peaks are measured on Linux only");
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    1024 * line.trim().trim_end_matches(" kB").parse::<usize>().unwrap()
}
