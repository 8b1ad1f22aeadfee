//! Markdown tables.

use std::fmt::Write;
use std::time::Duration;

use crate::growth::Growth;
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

/// One database and query under load.
pub struct Throughput {
    pub title: String,
    pub impls: Vec<String>,
    /// Requests per second; `None` for one that does not answer the query.
    pub rates: Vec<Option<f64>>,
}

/// With ratios to async-graphql's best.
pub fn throughput(columns: &[Throughput]) -> String {
    let mut names: Vec<&String> = Vec::new();
    for name in columns.iter().flat_map(|column| &column.impls) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    let heads: Vec<&str> = columns.iter().map(|column| &*column.title).collect();
    let mut text =
        "### Throughput, 100 characters\n\nRequests per second, 16 at once (÷ async-graphql, tuned; in memory \
                    ÷ async-graphql)\n\n"
            .to_owned();
    let _ = writeln!(text, "| | {} |\n|---|{}", heads.join(" | "), "---:|".repeat(heads.len()));
    for name in names {
        let cell = |Throughput { impls, rates, .. }: &Throughput| {
            let rate = rates[impls.iter().position(|other| other == name)?]?;
            let base = impls.iter().rposition(|other| other.starts_with("async-graphql"));
            let ratio = base.and_then(|at| rates[at]).map(|base| format!(" ({})", ratio(rate / base)));
            Some(format!("{}{}", thousands(rate.round() as usize), ratio.unwrap_or_default()))
        };
        let cells: Vec<String> = columns.iter().map(|column| cell(column).unwrap_or_default()).collect();
        let cells = cells.join(" | ");
        if cells.chars().any(|c| c.is_ascii_digit()) {
            let _ = writeln!(text, "| {name} | {cells} |");
        }
    }
    text
}

/// By how much the peak of memory grew, with the ratio to async-graphql, and from the least to the most.
pub fn peak(impls: &[String], grown: &[Vec<usize>]) -> String {
    let base = impls.iter().position(|name| name == "async-graphql");
    let mut text = "### Peak of memory, SQLite, 1000 characters\n\nGrowth of a process over 20 requests of Q4, one \
                    after the other (÷ async-graphql)\n\n| | median | all |\n|---|---:|---:|\n"
        .to_owned();
    let median = |sorted: &[usize]| sorted[sorted.len() / 2] as f64;
    for (name, sorted) in impls.iter().zip(grown) {
        let ratio = base.map(|at| format!(" ({})", ratio(median(sorted) / median(&grown[at]))));
        let [least, middle, most] =
            [sorted[0] as f64, median(sorted), sorted[sorted.len() - 1] as f64].map(|n| n / 1e6);
        let ratio = ratio.unwrap_or_default();
        let _ = writeln!(text, "| {name} | {middle:.1} MB{ratio} | {least:.1} to {most:.1} MB |");
    }
    text
}

/// Time of one request of hiku, and its part for each value or key.
pub fn growth(growth: &Growth) -> String {
    let mut text = format!("### Growth with {}\n\nTime of one request, and for each\n\n", growth.what);
    let columns = "---:|".repeat(growth.databases.len());
    let _ = writeln!(text, "| {} | {} |\n|---:|{columns}", growth.what, growth.databases.join(" | "));
    for (at, &count) in growth.counts.iter().enumerate() {
        let cell = |times: &Vec<Duration>| {
            let each = times[at].as_nanos() as f64 / count as f64;
            format!("{} ({each:.0} ns)", duration(times[at]))
        };
        let cells: Vec<String> = growth.times.iter().map(cell).collect();
        let _ = writeln!(text, "| {} | {} |", thousands(count), cells.join(" | "));
    }
    text
}

/// A text of tables with these in the places of those that have their headings; further ones are at its end.
pub fn replaced(text: &str, mut tables: Vec<String>) -> String {
    let heading = |table: &str| table.lines().next().unwrap_or_default().to_owned();
    let starts = text.match_indices("### ").map(|(at, _)| at).filter(|&at| at == 0 || text[..at].ends_with('\n'));
    let starts: Vec<usize> = starts.chain([text.len()]).collect();
    let mut parts = vec![text[..starts[0]].to_owned()];
    for of in starts.windows(2) {
        let old = &text[of[0]..of[1]];
        match tables.iter().position(|table| heading(table) == heading(old)) {
            Some(at) => parts.push(tables.remove(at)),
            None => parts.push(old.to_owned()),
        }
    }
    parts.append(&mut tables);
    let parts: Vec<&str> = parts.iter().map(|part| part.trim_end()).collect();
    parts.join("\n\n") + "\n"
}

#[cfg(test)]
mod tests {
    #[test]
    fn tables_are_replaced_by_those_of_their_headings() {
        let text = "Measured.\n\n### A\n\n| 1 |\n\n### B\n\n| 2 |\n";
        let tables = vec!["### C\n\n| 5 |\n".to_owned(), "### A\n\n| 4 |\n".to_owned()];
        let expected = "Measured.\n\n### A\n\n| 4 |\n\n### B\n\n| 2 |\n\n### C\n\n| 5 |\n";
        assert_eq!(super::replaced(text, tables), expected);
    }
}
