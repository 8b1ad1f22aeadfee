//! The bridge where nothing unwinds: a small program of its own, built with `panic = "abort"`.
//!
//! It takes the module as it stands, without the rest of the library, so that building it takes seconds.

use std::path::{Path, PathBuf};
use std::process::Command;

/// The package around `program`, in cargo's folder for temporary files of tests.
fn package(features: &str) -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("abort");
    std::fs::create_dir_all(&folder).unwrap();
    // The versions that are there, so that nothing is downloaded.
    std::fs::copy(here.join("Cargo.lock"), folder.join("Cargo.lock")).unwrap();
    let program = here.join("tests/bridge/abort_program.rs");
    let manifest = format!(
        r#"
        [package]
        name = "abort"
        edition = "2024"

        [workspace]

        [[bin]]
        name = "abort"
        path = {program:?}

        [features]
        default = [{features}]
        coroutines = ["dep:corosensei"]

        [dependencies]
        corosensei = {{ version = "0.3", default-features = false, features = ["default-stack"], optional = true }}
        futures-util = {{ version = "0.3", default-features = false, features = ["std"] }}
        tokio = {{ version = "1", default-features = false, features = ["rt", "sync"] }}

        [profile.dev]
        panic = "abort"
        debug = false
        "#
    );
    std::fs::write(folder.join("Cargo.toml"), manifest).unwrap();
    folder
}

#[test]
fn c67_with_panic_abort_a_suspended_call_is_leaked_and_nothing_aborts() {
    let folder = package(if cfg!(feature = "coroutines") { r#""coroutines""# } else { "" });
    let mut cargo = Command::new(env!("CARGO"));
    // What the tests are built with, such as other flags of rustc, is not for this program.
    cargo.env("CARGO_TARGET_DIR", folder.join("target")).env_remove("RUSTFLAGS").env_remove("CARGO_ENCODED_RUSTFLAGS");
    let built = cargo.args(["build", "--offline", "--quiet"]).current_dir(&folder).output().unwrap();
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
    let program = folder.join("target/debug/abort");
    let program = if cfg!(windows) { program.with_extension("exe") } else { program };

    let mut calls = vec!["thread"];
    if cfg!(feature = "coroutines") {
        calls.extend(["lane", "task"]);
    }
    for call in calls {
        let output = Command::new(&program).arg(call).output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "{call}: {said}{}", String::from_utf8_lossy(&output.stderr));
        // On a thread the code goes on. A coroutine stays where it was, and code that asks whether it was cancelled hears so.
        let after = if call == "thread" { "value" } else { "told Cancelled" };
        assert_eq!(said, format!("polled\ndropped\n{after}\nanother 3\n"));
    }
}
