//! "Did you mean …?": the known names that are near an unknown one.

use std::cmp::Ordering;

/// How many names are suggested at most.
const MOST: usize = 5;

/// ` Did you mean "a", "b", or "c"?`, or nothing. `what` says what the names are of.
pub(super) fn did_you_mean<S: AsRef<str>>(what: &str, names: &[S]) -> String {
    let quoted: Vec<String> = names.iter().take(MOST).map(|name| format!("\"{}\"", name.as_ref())).collect();
    let listed = match quoted.as_slice() {
        [] => return String::new(),
        [one] => one.clone(),
        [one, other] => format!("{one} or {other}"),
        [first @ .., last] => format!("{}, or {last}", first.join(", ")),
    };
    format!(" Did you mean {what}{listed}?")
}

/// Those of the names that are near, the nearest first.
pub(super) fn near<'a>(input: &str, names: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    let input = Input { text: input, letters: letters(input) };
    let threshold = input.text.encode_utf16().count() * 2 / 5 + 1;
    let mut found: Vec<(usize, &'a str)> =
        names.into_iter().filter_map(|name| Some((input.distance(name, threshold)?, name))).collect();
    found.sort_by(|(near, a), (far, b)| near.cmp(far).then_with(|| natural(a, b)));
    found.dedup();
    found.into_iter().map(|(_, name)| name).collect()
}

fn letters(text: &str) -> Vec<u16> {
    text.to_lowercase().encode_utf16().collect()
}

struct Input<'a> {
    text: &'a str,
    /// In lower case.
    letters: Vec<u16>,
}

impl Input<'_> {
    /// How many letters must be put in, left out, exchanged or swapped with the next one, if that is not beyond the threshold.
    /// Only another case counts as one.
    fn distance(&self, option: &str, threshold: usize) -> Option<usize> {
        if self.text == option {
            return Some(0);
        }
        let option = letters(option);
        if self.letters == option {
            return Some(1);
        }
        let (long, short) =
            if option.len() < self.letters.len() { (&self.letters, &option) } else { (&option, &self.letters) };
        if long.len() - short.len() > threshold {
            return None;
        }
        let mut before = vec![0; short.len() + 1];
        let mut above: Vec<usize> = (0..=short.len()).collect();
        for (i, letter) in long.iter().enumerate() {
            let mut row = vec![i + 1; short.len() + 1];
            for (j, other) in short.iter().enumerate() {
                let mut cost = (above[j + 1] + 1).min(row[j] + 1).min(above[j] + usize::from(letter != other));
                if i > 0 && j > 0 && *letter == short[j - 1] && long[i - 1] == *other {
                    cost = cost.min(before[j - 1] + 1);
                }
                row[j + 1] = cost;
            }
            if row.iter().min().is_some_and(|least| *least > threshold) {
                return None;
            }
            before = above;
            above = row;
        }
        above.last().copied().filter(|distance| *distance <= threshold)
    }
}

/// Numbers in names compare as numbers.
pub(super) fn natural(a: &str, b: &str) -> Ordering {
    fn number(bytes: &[u8]) -> usize {
        // A leading zero stands alone.
        if bytes[0] == b'0' { 1 } else { bytes.iter().take_while(|byte| byte.is_ascii_digit()).count() }
    }
    let (mut left, mut right) = (a.as_bytes(), b.as_bytes());
    while let ([first, ..], [second, ..]) = (left, right) {
        let (at, order) = if first.is_ascii_digit() && second.is_ascii_digit() {
            let (n, m) = (number(left), number(right));
            ((n, m), n.cmp(&m).then_with(|| left[..n].cmp(&right[..m])))
        } else {
            ((1, 1), first.cmp(second))
        };
        if order.is_ne() {
            return order;
        }
        (left, right) = (&left[at.0..], &right[at.1..]);
    }
    left.len().cmp(&right.len())
}
