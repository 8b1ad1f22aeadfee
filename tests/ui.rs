//! Compile errors: each mistake is one error, at the right token, that says what to write instead.
//!
//! After a change of the macros, `TRYBUILD=overwrite cargo test --test ui` records what the compiler says now; read it.

use std::io::Write;
use std::process::Command;

/// The compiler whose output is recorded; others word and point differently.
const RECORDED: &str = "1.95";

const THEMES: [&str; 16] = [
    "attributes",
    "keys",
    "links",
    "parameters",
    "results",
    "items",
    "scalars",
    "cross_type",
    "enums",
    "inputs",
    "records",
    "unions",
    "interfaces",
    "checks",
    "transactions",
    "models",
];

#[test]
fn mistakes_are_compile_errors_that_say_what_to_write() {
    let cases = trybuild::TestCases::new();
    cases.pass("tests/ui/pass/*.rs");
    let version = rustc();
    if !version.starts_with(&format!("rustc {RECORDED}.")) {
        let line = format!("compile errors are recorded for rustc {RECORDED} and not compared on {version}");
        // Not `eprintln!`, which is captured.
        writeln!(std::io::stderr(), "{line}").unwrap();
        return;
    }
    for theme in THEMES {
        cases.compile_fail(format!("tests/ui/{theme}/*.rs"));
    }
    if cfg!(feature = "coroutines") {
        cases.compile_fail("tests/ui/bridge/*.rs");
    }
}

fn rustc() -> String {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output = Command::new(rustc).arg("--version").output().expect("cargo runs where rustc is");
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}
