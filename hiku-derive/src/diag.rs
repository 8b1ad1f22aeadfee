//! The wording that diagnostics share: suggestions and lists.

/// `: did you mean `x`?` if a candidate is close, else the list of all of them.
pub(crate) fn suggest(wrong: &str, candidates: &[&str]) -> String {
    match closest(wrong, candidates) {
        Some(best) => format!(": did you mean `{best}`?"),
        None if candidates.is_empty() => String::new(),
        None => format!(": write {}", list(candidates)),
    }
}

/// "`a`, `b` or `c`".
pub(crate) fn list(words: &[&str]) -> String {
    let quoted: Vec<_> = words.iter().map(|word| format!("`{word}`")).collect();
    match quoted.as_slice() {
        [] => String::new(),
        [one] => one.clone(),
        [init @ .., last] => format!("{} or {last}", init.join(", ")),
    }
}

/// The candidate that differs by at most a third of the letters.
fn closest<'a>(wrong: &str, candidates: &[&'a str]) -> Option<&'a str> {
    let limit = (wrong.chars().count() / 3).max(1);
    let scored = candidates.iter().map(|candidate| (distance(wrong, candidate), *candidate));
    scored.filter(|(distance, _)| *distance <= limit).min().map(|(_, candidate)| candidate)
}

/// How many letters must be changed, added, removed or swapped with their neighbour to make `b` of `a`
/// (optimal string alignment).
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut rows = vec![vec![0; b.len() + 1]; a.len() + 1];
    for i in 0..=a.len() {
        for j in 0..=b.len() {
            rows[i][j] = if i == 0 || j == 0 {
                i + j
            } else {
                let change = usize::from(a[i - 1] != b[j - 1]);
                let mut best = (rows[i - 1][j] + 1).min(rows[i][j - 1] + 1).min(rows[i - 1][j - 1] + change);
                if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                    best = best.min(rows[i - 2][j - 2] + 1);
                }
                best
            };
        }
    }
    rows[a.len()][b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_close_word_is_suggested_and_else_all_are_listed() {
        assert_eq!(suggest("tabel", &["table", "view"]), ": did you mean `table`?");
        assert_eq!(suggest("zzz", &["table", "view", "db"]), ": write `table`, `view` or `db`");
        assert_eq!(suggest("zzz", &[]), "");
    }
}
