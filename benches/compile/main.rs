//! What a user's crate costs to compile: 100 nodes of 10 fields, with two links and one loader each, as hiku and as
//! async-graphql. `cargo run --release --bin compile [NODES]`; prints Markdown. With `values` after the number, each node has
//! an enum of its own as one more field, and its loader takes an input of its own.
//!
//! Dependencies are built before; what is timed is the crate alone, three times in turn, medians.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

const ROUNDS: usize = 3;

type Source = fn(usize, bool) -> String;

fn main() {
    let mut args = std::env::args().skip(1);
    let nodes = args.next().and_then(|nodes| nodes.parse().ok()).unwrap_or(100);
    let values = args.next().is_some_and(|word| word == "values");
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let crates: [(&str, String, Source); 2] = [
        ("hiku", format!("hiku = {{ path = {:?} }}", root.join("..")), hiku as Source),
        (
            "async-graphql",
            "async-graphql = { version = \"7.2\", default-features = false, features = [\"dataloader\", \"tokio-timer\"] }".into(),
            async_graphql,
        ),
    ];
    let folder = root.join("target/compile");
    let mut users = Vec::new();
    for (name, dependency, source) in crates {
        users.push((name, user_crate(&folder.join(name), &dependency, &source(nodes, values))));
    }
    let more = if values { ", and as many enums and inputs" } else { "" };
    println!("{nodes} nodes of 10 fields, two links and one loader each{more}\n");
    println!("| | check | debug build | check after an edit |\n|---|---:|---:|---:|");
    let mut times: Vec<[Vec<Duration>; 3]> = users.iter().map(|_| [vec![], vec![], vec![]]).collect();
    for (_, user) in &users {
        // Dependencies, for each way of building.
        for incremental in [false, true] {
            cargo(user, "check", incremental);
        }
        cargo(user, "build", false);
    }
    for round in 0..ROUNDS {
        for ((_, user), times) in users.iter().zip(&mut times) {
            touch(user, round * 3);
            times[0].push(cargo(user, "check", false));
            touch(user, round * 3 + 1);
            times[1].push(cargo(user, "build", false));
            cargo(user, "check", true);
            touch(user, round * 3 + 2);
            times[2].push(cargo(user, "check", true));
        }
    }
    let medians: Vec<[Duration; 3]> =
        times.iter_mut().map(|times| times.each_mut().map(|times| median(times))).collect();
    for ((name, _), own) in users.iter().zip(&medians) {
        let cells: Vec<String> = own
            .iter()
            .zip(&medians[1])
            .map(|(time, theirs)| {
                format!("{:.2} s ({:.2}×)", time.as_secs_f64(), time.as_secs_f64() / theirs.as_secs_f64())
            })
            .collect();
        println!("| {name} | {} |", cells.join(" | "));
    }
}

fn median(times: &mut [Duration]) -> Duration {
    times.sort();
    times[times.len() / 2]
}

fn user_crate(folder: &Path, dependency: &str, source: &str) -> PathBuf {
    std::fs::create_dir_all(folder.join("src")).unwrap();
    let manifest = format!(
        "[package]\nname = \"user\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[workspace]\n\n[dependencies]\n{dependency}\n\
         tokio = {{ version = \"1\", features = [\"rt\"] }}\n"
    );
    std::fs::write(folder.join("Cargo.toml"), manifest).unwrap();
    std::fs::write(folder.join("src/main.rs"), format!("{source}\npub const EDIT: usize = 0;\n")).unwrap();
    folder.to_owned()
}

/// A small edit at the end of the file.
fn touch(user: &Path, edit: usize) {
    let file = user.join("src/main.rs");
    let text = std::fs::read_to_string(&file).unwrap();
    let kept = text.split("pub const EDIT").next().unwrap();
    std::fs::write(file, format!("{kept}pub const EDIT: usize = {};\n", edit + 1)).unwrap();
}

fn cargo(user: &Path, command: &str, incremental: bool) -> Duration {
    let start = Instant::now();
    let target = user.join(if incremental { "target/incremental" } else { "target/plain" });
    let status = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .args([command, "--quiet", "--offline"])
        .current_dir(user)
        .env("CARGO_INCREMENTAL", if incremental { "1" } else { "0" })
        .env("CARGO_TARGET_DIR", target)
        .env("RUSTFLAGS", "-Awarnings")
        .status()
        .unwrap();
    assert!(status.success(), "cargo {command} in {}", user.display());
    start.elapsed()
}

const FIELDS: [(&str, &str); 9] = [
    ("name", "String"),
    ("title", "String"),
    ("notes", "Option<String>"),
    ("year", "i32"),
    ("rating", "f64"),
    ("open", "bool"),
    ("rank", "Option<i32>"),
    ("code", "String"),
    ("other_id", "i64"),
];

/// Five names, for an enum.
const ITEMS: &str = "Drama, Comedy, Western, SciFi, Musical";

/// The fields of an input.
fn input_fields(at: usize) -> String {
    format!("name: Option<String>, first: i32, notes: Vec<String>, genre: Option<Genre{at}>")
}

fn hiku(nodes: usize, values: bool) -> String {
    let mut out = String::from("#![allow(dead_code)]\nuse std::collections::HashMap;\nuse hiku::prelude::*;\n");
    for at in 0..nodes {
        let next = (at + 1) % nodes;
        let mut arg = String::new();
        if values {
            let fields = input_fields(at);
            let _ = writeln!(out, "#[derive(Clone, Copy, Enum)]\npub enum Genre{at} {{ {ITEMS} }}");
            let _ = writeln!(out, "#[derive(Input)]\npub struct Wanted{at} {{ {fields} }}");
            arg = format!(", #[arg] wanted: Option<Wanted{at}>");
        }
        let _ = writeln!(out, "#[node(table = \"n{at}\")]\npub struct Node{at} {{\n    #[key]\n    id: i64,");
        for (name, ty) in FIELDS {
            let _ = writeln!(out, "    {name}: {ty},");
        }
        if values {
            let _ = writeln!(out, "    genre: Genre{at},");
        }
        let _ = writeln!(out, "    #[link(from = other_id)]\n    other: One<Node{next}>,");
        let _ = writeln!(out, "    #[link(to = Node{next}::other_id)]\n    others: Many<Node{next}>,\n}}");
        let _ = writeln!(
            out,
            "#[node]\nimpl Node{at} {{\n    #[field]\n    async fn fans(id: &[i64]{arg}) -> Result<HashMap<i64, i32>> \
             {{ Ok(id.iter().map(|&id| (id, id as i32)).collect()) }}\n}}"
        );
    }
    let _ = writeln!(out, "#[root]\npub struct Query {{\n    #[link(all)]\n    all: Many<Node0>,\n}}");
    out + "fn main() { let _ = Graph::new::<Query>(); }\n"
}

fn async_graphql(nodes: usize, values: bool) -> String {
    let mut out = String::from(
        "#![allow(dead_code)]\nuse std::collections::HashMap;\nuse async_graphql::dataloader::{DataLoader, Loader};\nuse async_graphql::*;\n\
         pub struct Load;\n",
    );
    for at in 0..nodes {
        let next = (at + 1) % nodes;
        let mut arg = String::new();
        if values {
            let fields = input_fields(at);
            let _ = writeln!(out, "#[derive(Clone, Copy, PartialEq, Eq, Enum)]\npub enum Genre{at} {{ {ITEMS} }}");
            let _ = writeln!(out, "#[derive(InputObject)]\npub struct Wanted{at} {{ {fields} }}");
            arg = format!(", wanted: Option<Wanted{at}>");
        }
        let _ =
            writeln!(out, "#[derive(SimpleObject, Clone)]\n#[graphql(complex)]\npub struct Node{at} {{\n    id: i64,");
        for (name, ty) in FIELDS {
            let _ = writeln!(out, "    {name}: {ty},");
        }
        if values {
            let _ = writeln!(out, "    genre: Genre{at},");
        }
        let _ = writeln!(
            out,
            "}}\n#[derive(Clone, PartialEq, Eq, Hash)]\npub struct By{at}(i64);\n#[derive(Clone, PartialEq, Eq, Hash)]\npub struct Of{at}(i64);\n\
             #[derive(Clone, PartialEq, Eq, Hash)]\npub struct Fans{at}(i64);"
        );
        for (key, value) in [("By", format!("Node{at}")), ("Of", format!("Vec<Node{at}>")), ("Fans", "i32".into())] {
            let _ = writeln!(
                out,
                "impl Loader<{key}{at}> for Load {{\n    type Value = {value};\n    type Error = std::sync::Arc<std::io::Error>;\n    \
                 async fn load(&self, keys: &[{key}{at}]) -> std::result::Result<HashMap<{key}{at}, {value}>, Self::Error> \
                 {{ let _ = keys; Ok(HashMap::new()) }}\n}}"
            );
        }
        let _ = writeln!(
            out,
            "#[ComplexObject]\nimpl Node{at} {{\n    async fn other(&self, ctx: &Context<'_>) -> Result<Option<Node{next}>> \
             {{ Ok(ctx.data::<DataLoader<Load>>()?.load_one(By{next}(self.other_id)).await?) }}\n    \
             async fn others(&self, ctx: &Context<'_>) -> Result<Vec<Node{next}>> \
             {{ Ok(ctx.data::<DataLoader<Load>>()?.load_one(Of{next}(self.id)).await?.unwrap_or_default()) }}\n    \
             async fn fans(&self, ctx: &Context<'_>{arg}) -> Result<Option<i32>> \
             {{ Ok(ctx.data::<DataLoader<Load>>()?.load_one(Fans{at}(self.id)).await?) }}\n}}"
        );
    }
    out + "pub struct Query;\n#[Object]\nimpl Query {\n    async fn all(&self) -> Vec<Node0> { Vec::new() }\n}\n\
           fn main() { let _ = Schema::new(Query, EmptyMutation, EmptySubscription); }\n"
}
