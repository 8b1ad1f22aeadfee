//! Rules about the repository itself, which no compiler holds.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Which modules of `hiku-core` each of its modules may name. Whoever is missing here is found by `modules_are_listed`.
///
/// The shared vocabulary (`context`, `error`, `graph`, `index`) knows nothing of what works on it; the stages follow the way
/// of the data; `engine` puts them together, and nothing below knows it.
const DIRECTION: &[(&str, &[&str])] = &[
    ("error", &[]),
    ("escape", &[]),
    ("context", &["error"]),
    // Knows nothing of graphs.
    ("bridge", &[]),
    // Knows nothing of loaders.
    ("threads", &["error"]),
    // A column knows the type of its values; a definition knows the columns that its loaders exchange.
    ("index", &["context", "error", "graph"]),
    // Databases and filters are named by definitions.
    ("graph", &["context", "error", "index", "sql"]),
    ("query", &["error", "graph", "index"]),
    // Introspection is answered by its reader, in bytes.
    ("sdl", &["graph", "query"]),
    ("read", &["context", "error", "escape", "graph", "index", "query", "sdl"]),
    // Operations in blocking style await through the bridge, where there is one.
    ("sql", &["bridge", "context", "error", "escape", "graph", "index", "threads"]),
    ("plan", &["context", "error", "escape", "graph", "index", "query", "sql"]),
    ("run", &["context", "error", "graph", "index", "plan", "query", "sql", "threads"]),
    ("write", &["error", "escape", "graph", "index", "plan", "query"]),
    (
        "engine",
        &["context", "error", "graph", "index", "plan", "query", "read", "run", "sdl", "sql", "threads", "write"],
    ),
    ("private", &["context", "error", "graph", "index", "sql"]),
    ("testing", &["context", "engine", "error", "graph", "index", "plan", "query", "read", "run", "sql", "write"]),
    ("serve", &["context", "engine", "error", "graph", "index", "plan", "query", "read", "run", "write"]),
];

/// The modules of `hiku-core` that wait for something.
const AWAITS: &[&str] = &["run", "sql", "engine", "testing", "serve", "bridge"];

#[test]
fn modules_are_listed() {
    let listed: BTreeSet<&str> = DIRECTION.iter().map(|(module, _)| *module).collect();
    let missing: BTreeSet<String> = core_files()
        .map(|file| module_of(&file))
        .filter(|name| name != "lib" && !listed.contains(name.as_str()))
        .collect();
    assert!(missing.is_empty(), "say in DIRECTION what these modules of hiku-core may name: {missing:?}");
}

#[test]
fn every_numbered_behaviour_has_a_test() {
    let table = fs::read_to_string(root().join("docs/behaviours.md")).unwrap();
    let tests = files(&root().join("tests")).filter(|file| extension(file) == "rs");
    let tests: String = tests.map(|file| fs::read_to_string(file).unwrap()).collect();
    let numbers: Vec<u32> = table.lines().filter_map(|line| line.split('|').nth(1)?.trim().parse().ok()).collect();
    assert!(numbers.len() > 20, "the table is not read");
    let missing: Vec<u32> = numbers.into_iter().filter(|number| !tests.contains(&format!("fn c{number}_"))).collect();
    assert!(missing.is_empty(), "no test begins with `c` and these numbers: {missing:?}");
}

#[test]
fn modules_of_the_core_depend_in_one_direction() {
    let mut wrong = Vec::new();
    for file in core_files() {
        let module = module_of(&file);
        let Some((_, allowed)) = DIRECTION.iter().find(|(name, _)| *name == module) else { continue };
        for name in modules_named(&without_tests(&code(&file))) {
            if name != module && !allowed.contains(&name.as_str()) && DIRECTION.iter().any(|(known, _)| *known == name)
            {
                wrong.push(format!("{}: `{module}` names `crate::{name}`", short(&file)));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn only_the_running_modules_await() {
    let wrong: Vec<String> = core_files()
        .filter(|file| !AWAITS.contains(&module_of(file).as_str()))
        .filter(|file| without_tests(&code(file)).contains(".await"))
        .map(|file| short(&file))
        .collect();
    assert!(wrong.is_empty(), "`.await` outside {AWAITS:?}: {wrong:?}");
}

#[test]
fn the_core_and_the_macros_do_not_depend_on_each_other() {
    for (package, other) in [("hiku-core", "hiku-derive"), ("hiku-derive", "hiku-core")] {
        let manifest = fs::read_to_string(root().join(package).join("Cargo.toml")).unwrap();
        let depends = manifest.lines().any(|line| line.split(['=', '.', ' ', ']']).any(|word| word == other));
        assert!(!depends, "{package} depends on {other}");
    }
}

#[test]
fn nothing_is_left_unfinished() {
    let marks = ["todo!(", "unimplemented!(", "dbg!(", "#[ignore"];
    let here = root().join(file!());
    let mut found = Vec::new();
    for file in files(&root()).filter(|file| extension(file) == "rs" && *file != here) {
        let text = code(&file);
        found.extend(marks.iter().filter(|mark| text.contains(**mark)).map(|mark| format!("{}: {mark}", short(&file))));
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn every_example_is_in_the_readme() {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let Ok(examples) = fs::read_dir(root().join("examples")) else { return };
    for example in examples {
        let path = example.unwrap().path();
        if extension(&path) == "rs" || path.join("main.rs").exists() {
            let name = path.file_stem().unwrap().to_str().unwrap();
            assert!(readme.contains(&format!("--example {name}")), "README.md does not say how to run {name}");
        }
    }
}

#[test]
fn no_file_names_a_folder_of_some_machine() {
    let folders: Vec<String> = ["tmp", "root", "home"].iter().map(|name| format!("/{name}/")).collect();
    let text = ["rs", "toml", "md", "sh", "sql", "json", "stderr", "graphql", ""];
    let mut found = Vec::new();
    for file in files(&root()).filter(|file| text.contains(&extension(file))) {
        let Ok(content) = fs::read_to_string(&file) else { continue };
        for (at, line) in content.lines().enumerate() {
            // A path starts the word: `framework/…` and URLs are none.
            let words = line.split([' ', '"', '\'', '`', '(', '=', ':', '>', '<']);
            if words.into_iter().any(|word| folders.iter().any(|folder| word.starts_with(folder))) {
                found.push(format!("{}:{}: {}", short(&file), at + 1, line.trim()));
            }
        }
    }
    assert!(found.is_empty(), "a temporary folder belongs to std::env::temp_dir or mktemp:\n{}", found.join("\n"));
}

#[test]
fn the_search_for_modules_sees_every_way_to_name_one() {
    let code = "use crate::plan::Plan;\nuse crate::{index::{Column, Value}, run};\nfn f() -> crate::sql::Db {}";
    assert_eq!(modules_named(code).into_iter().collect::<Vec<_>>(), ["index", "plan", "run", "sql"]);
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn short(file: &Path) -> String {
    file.strip_prefix(root()).unwrap_or(file).display().to_string()
}

fn extension(file: &Path) -> &str {
    file.extension().and_then(|extension| extension.to_str()).unwrap_or_default()
}

/// Every file below a folder, without what cargo, git and npm keep.
fn files(folder: &Path) -> Box<dyn Iterator<Item = PathBuf>> {
    let mut entries: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    Box::new(entries.into_iter().flat_map(|path| -> Box<dyn Iterator<Item = PathBuf>> {
        match path.file_name().and_then(|name| name.to_str()) {
            Some("target" | ".git" | "node_modules") => Box::new(std::iter::empty()),
            _ if path.is_dir() => files(&path),
            _ => Box::new(std::iter::once(path)),
        }
    }))
}

/// The source files of `hiku-core`, without files of tests.
fn core_files() -> impl Iterator<Item = PathBuf> {
    files(&root().join("hiku-core/src"))
        .filter(|file| extension(file) == "rs")
        .filter(|file| !file.components().any(|part| matches!(part.as_os_str().to_str(), Some("tests" | "tests.rs"))))
}

/// `graph` for `hiku-core/src/graph/def.rs`, `error` for `hiku-core/src/error.rs`.
fn module_of(file: &Path) -> String {
    let path = file.strip_prefix(root().join("hiku-core/src")).unwrap();
    let first = path.components().next().unwrap().as_os_str().to_str().unwrap();
    first.trim_end_matches(".rs").to_owned()
}

/// A source file without comments.
fn code(file: &Path) -> String {
    let text = fs::read_to_string(file).unwrap();
    text.lines().map(|line| if line.trim_start().starts_with("//") { "" } else { line }).collect::<Vec<_>>().join("\n")
}

/// Without the module of tests at the end; one that is a file of its own ends nothing.
fn without_tests(code: &str) -> String {
    const TESTS: &str = "#[cfg(test)]\nmod ";
    let ends = code.match_indices(TESTS).map(|(at, _)| at);
    let end =
        ends.into_iter().find(|&at| code[at + TESTS.len()..].lines().next().is_some_and(|line| line.ends_with('{')));
    code[..end.unwrap_or(code.len())].to_owned()
}

/// The modules after `crate::`, also those in braces.
fn modules_named(code: &str) -> BTreeSet<String> {
    let mut named = BTreeSet::new();
    for after in code.split("crate::").skip(1) {
        let Some(group) = after.strip_prefix('{') else {
            named.insert(identifier(after));
            continue;
        };
        let (mut depth, mut start) = (0, 0);
        for (at, letter) in group.char_indices() {
            match letter {
                '{' => depth += 1,
                '}' | ',' if depth == 0 => {
                    named.insert(identifier(group[start..at].trim()));
                    start = at + 1;
                    if letter == '}' {
                        break;
                    }
                }
                '}' => depth -= 1,
                _ => {}
            }
        }
    }
    named.remove("");
    named
}

fn identifier(text: &str) -> String {
    text.chars().take_while(|letter| letter.is_alphanumeric() || *letter == '_').collect()
}
