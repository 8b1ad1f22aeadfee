//! Markdown tables.

use std::fmt::Write;
use std::time::Duration;

use crate::measure::Measured;
use crate::query::Query;

/// The measurements of one database at one size.
pub struct Section {
    pub database: &'static str,
    pub size: usize,
    pub queries: Vec<Query>,
    pub impls: Vec<String>,
    /// By query, then by implementation; `None` for one that does not answer it.
    pub measured: Vec<Vec<Option<Measured>>>,
}

impl Section {
    /// Times with their ratio to the baseline: hiku, or what comes first where hiku was left out.
    pub fn markdown(&self) -> String {
        let baseline = self.impls.iter().position(|name| name.starts_with("hiku")).unwrap_or(0);
        let mut text = format!("### {}, {} characters\n\n", self.database, self.size);
        let _ = write!(text, "Time of one request (÷ {})\n\n", self.impls[baseline]);
        self.table(&mut text, |at, query| {
            let (time, base) = (self.measured[query][at]?.time, self.measured[query][baseline]?.time);
            Some(format!("{} ({})", duration(time), ratio(time.as_secs_f64() / base.as_secs_f64())))
        });
        text.push_str("\nAllocations of one request, and their bytes\n\n");
        self.table(&mut text, |at, query| {
            let counted = self.measured[query][at]?.allocations;
            Some(format!("{}, {}", thousands(counted.calls), bytes(counted.bytes)))
        });
        text
    }

    fn table(&self, text: &mut String, cell: impl Fn(usize, usize) -> Option<String>) {
        let names: Vec<&str> = self.queries.iter().map(|query| query.name()).collect();
        let _ = writeln!(text, "| | {} |\n|---|{}", names.join(" | "), "---:|".repeat(names.len()));
        for (at, name) in self.impls.iter().enumerate() {
            let cells: Vec<String> = (0..names.len()).map(|query| cell(at, query).unwrap_or_default()).collect();
            let _ = writeln!(text, "| {name} | {} |", cells.join(" | "));
        }
    }
}

fn duration(time: Duration) -> String {
    let micros = time.as_secs_f64() * 1e6;
    match micros {
        _ if micros < 1.0 => format!("{micros:.2} µs"),
        _ if micros < 10.0 => format!("{micros:.1} µs"),
        _ if micros < 1000.0 => format!("{micros:.0} µs"),
        _ if micros < 100_000.0 => format!("{:.2} ms", micros / 1000.0),
        _ => format!("{:.0} ms", micros / 1000.0),
    }
}

fn ratio(ratio: f64) -> String {
    if ratio < 9.95 { format!("{ratio:.2}×") } else { format!("{ratio:.0}×") }
}

fn bytes(bytes: usize) -> String {
    if bytes < 1_000_000 { format!("{:.1} kB", bytes as f64 / 1e3) } else { format!("{:.1} MB", bytes as f64 / 1e6) }
}

fn thousands(count: usize) -> String {
    let digits = count.to_string();
    let groups: Vec<&str> = digits.as_bytes().rchunks(3).rev().map(|group| str::from_utf8(group).unwrap()).collect();
    groups.join(",")
}
