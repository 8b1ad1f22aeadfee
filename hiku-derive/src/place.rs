//! What stands above an attribute in its file: the only trace of a `#[derive(..)]` that has run already.
//!
//! Such a derive has seen the links of the struct as fields, and its code does not compile once they are gone. The tokens
//! that `#[node]` gets no longer say so.

/// Whether a `#[derive(..)]` stands above the attribute that is being expanded. If its file cannot be read: no.
pub(crate) fn below_a_derive() -> bool {
    if !proc_macro::is_available() {
        return false;
    }
    let span = proc_macro::Span::call_site();
    let text = span.local_file().and_then(|file| std::fs::read_to_string(file).ok());
    text.is_some_and(|text| derive_above(&text, span.line(), span.column()))
}

/// Whether a `#[derive(..)]` is before this place (both numbers begin with 1) on the same line, or above it, with only
/// comments and other attributes between.
fn derive_above(text: &str, line: usize, column: usize) -> bool {
    let is_derive = |line: &str| line.starts_with("#[derive(");
    let lines: Vec<&str> = text.lines().take(line).collect();
    let Some((here, above)) = lines.split_last() else { return false };
    let before: String = here.chars().take(column.saturating_sub(1)).collect();
    let attributes =
        above.iter().rev().map(|line| line.trim()).take_while(|line| line.starts_with("#[") || line.starts_with("//"));
    is_derive(before.trim()) || attributes.into_iter().any(is_derive)
}

#[cfg(test)]
mod tests {
    use super::derive_above;

    #[test]
    fn a_derive_is_found_above_and_nowhere_else() {
        let found = |text: &str| {
            let line = text.lines().position(|line| line.contains("#[node]")).unwrap();
            derive_above(text, line + 1, text.lines().nth(line).unwrap().find("#[node]").unwrap() + 1)
        };
        assert!(found("#[derive(Clone)]\n#[node]\nstruct Ship {}"));
        assert!(found("#[derive(Clone)]\n/// A ship.\n#[allow(unused)]\n    #[node]"));
        assert!(found("#[derive(Clone)] #[node]"));
        assert!(!found("#[node]\n#[derive(Clone)]\nstruct Ship {}"));
        assert!(!found("#[derive(Clone)]\nstruct Other;\n\n#[node]"));
        assert!(!found("/// #[derive(Clone)]\n#[node]"));
    }
}
