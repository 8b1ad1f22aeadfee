//! What a user's crate costs to compile: 100 nodes of 10 fields, with two links and one loader each, as hiku, as
//! async-graphql and as juniper; and as hiku without the driver of a database, since the others have none.
//! `cargo run --manifest-path benches/compile/Cargo.toml -- [NODES] [values] [only=hiku] [rounds=3]` prints Markdown. With
//! `values`, each node has an enum of its own as one more field, and its loader takes an input of its own.
//!
//! Dependencies are built before; what is timed is the crate alone, in turn, medians of the rounds: of the time that passes, and
//! of the seconds of CPU, which say more on a busy machine. The edits are in the middle of the crate: the body of one function, or
//! the type of one field. The bodies of all loaders are empty: what is in them is no library's.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

const COLUMNS: [&str; 6] = ["check", "debug build", "body, check", "body, build", "field, check", "field, build"];

#[derive(Clone, Copy, PartialEq)]
struct Cost {
    wall: f64,
    cpu: f64,
}

struct User {
    name: &'static str,
    folder: PathBuf,
    source: String,
}

type Source = fn(usize, bool) -> String;

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let nodes = args.iter().find_map(|arg| arg.parse().ok()).unwrap_or(100);
    let values = args.iter().any(|arg| arg == "values");
    let rounds = args.iter().find_map(|arg| arg.strip_prefix("rounds=")?.parse().ok()).unwrap_or(3);
    let only = args.iter().find_map(|arg| arg.strip_prefix("only="));
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let own = root.join("../..");
    let crates: [(&str, String, Source); 4] = [
        ("hiku", format!("hiku = {{ path = {own:?} }}"), hiku),
        // What the others are, too: nothing of a driver is linked.
        ("hiku, no driver", format!("hiku = {{ path = {own:?}, default-features = false }}"), hiku),
        (
            "async-graphql",
            "async-graphql = { version = \"=7.2.1\", default-features = false, features = [\"dataloader\", \"tokio-timer\"] }".into(),
            async_graphql,
        ),
        (
            "juniper",
            "juniper = { version = \"=0.18.0\", default-features = false }\n\
             dataloader = { version = \"=0.18.0\", default-features = false, features = [\"runtime-tokio\"] }"
                .into(),
            juniper,
        ),
    ];
    let mut users = Vec::new();
    for (name, dependency, source) in crates {
        if only.is_none_or(|only| name.starts_with(only)) {
            users.push(user_crate(
                name,
                &root.join("../target/compile").join(name),
                &dependency,
                source(nodes, values),
            ));
        }
    }
    let more = if values { ", and as many enums and inputs" } else { "" };
    println!("{nodes} nodes of 10 fields, two links and one loader each{more}; seconds of CPU in brackets\n");
    for user in &users {
        // Dependencies, for each way of building.
        for incremental in [false, true] {
            user.write(0, 0);
            user.cargo("check", incremental);
            user.cargo("build", incremental);
        }
    }
    let mut costs: Vec<[Vec<Cost>; 6]> = users.iter().map(|_| [const { Vec::new() }; 6]).collect();
    for round in 0..rounds {
        for (user, costs) in users.iter().zip(&mut costs) {
            // The second edit is of one field and of the bodies that it had.
            let (body, field) = (round * 2 + 1, round + 1);
            user.write(body, field - 1);
            costs[0].push(user.cargo("check", false));
            costs[1].push(user.cargo("build", false));
            costs[2].push(user.cargo("check", true));
            costs[3].push(user.cargo("build", true));
            user.write(body, field);
            costs[4].push(user.cargo("check", true));
            costs[5].push(user.cargo("build", true));
        }
    }
    let medians: Vec<[Cost; 6]> = costs.iter().map(|costs| costs.each_ref().map(|costs| median(costs))).collect();
    println!("| | {} |\n|---|{}", COLUMNS.join(" | "), "---:|".repeat(COLUMNS.len()));
    for (user, own) in users.iter().zip(&medians) {
        let cells = own.map(|Cost { wall, cpu }| format!("{wall:.2} s ({cpu:.2})"));
        println!("| {} | {} |", user.name, cells.join(" | "));
    }
    let (ours, theirs): (Vec<_>, Vec<_>) = users.iter().zip(&medians).partition(|(user, _)| is_ours(user.name));
    for (other, theirs) in theirs {
        for (user, own) in &ours {
            let ratios = own.iter().zip(theirs).map(|(own, theirs)| (own.wall / theirs.wall, own.cpu / theirs.cpu));
            let cells: Vec<String> = ratios.map(|(wall, cpu)| format!("{wall:.2}× ({cpu:.2}×)")).collect();
            println!("| {} / {} | {} |", user.name, other.name, cells.join(" | "));
        }
    }
}

fn is_ours(name: &str) -> bool {
    name.starts_with("hiku")
}

fn median(costs: &[Cost]) -> Cost {
    let middle = |of: fn(&Cost) -> f64| {
        let mut values: Vec<f64> = costs.iter().map(of).collect();
        values.sort_by(f64::total_cmp);
        values[values.len() / 2]
    };
    Cost { wall: middle(|cost| cost.wall), cpu: middle(|cost| cost.cpu) }
}

fn user_crate(name: &'static str, folder: &Path, dependency: &str, source: String) -> User {
    std::fs::create_dir_all(folder.join("src")).unwrap();
    let manifest = format!(
        "[package]\nname = \"user\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[workspace]\n\n[dependencies]\n{dependency}\n\
         tokio = {{ version = \"1\", features = [\"rt\"] }}\n"
    );
    std::fs::write(folder.join("Cargo.toml"), manifest).unwrap();
    User { name, folder: folder.to_owned(), source }
}

impl User {
    /// The crate after this many edits of a body and of a field.
    fn write(&self, body: usize, field: usize) {
        let title = if field.is_multiple_of(2) { "String" } else { "Option<String>" };
        let text =
            self.source.replace("/* body */", &format!("let edit = {body}; drop(edit);")).replace("/* field */", title);
        std::fs::write(self.folder.join("src/main.rs"), text).unwrap();
    }

    fn cargo(&self, command: &str, incremental: bool) -> Cost {
        let (start, cpu) = (Instant::now(), cpu_of_children());
        let target = if incremental { "target/incremental" } else { "target/plain" };
        let status = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
            .args([command, "--quiet"])
            .current_dir(&self.folder)
            .env("CARGO_INCREMENTAL", if incremental { "1" } else { "0" })
            .env("CARGO_TARGET_DIR", target)
            .env("RUSTFLAGS", "-Awarnings")
            .status()
            .unwrap();
        assert!(status.success(), "cargo {command} in {}", self.folder.display());
        Cost { wall: start.elapsed().as_secs_f64(), cpu: cpu_of_children() - cpu }
    }
}

/// The seconds of CPU of the processes that this one has waited for, where Linux tells.
fn cpu_of_children() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after_name = stat.rsplit(')').next().unwrap_or_default();
    // The 16th and 17th of the line, in hundredths.
    after_name.split_whitespace().skip(13).take(2).filter_map(|ticks| ticks.parse::<f64>().ok()).sum::<f64>() / 100.0
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

/// The type of a field: in the middle of the crate, one that is edited.
fn edited<'a>(at: usize, nodes: usize, name: &str, ty: &'a str) -> &'a str {
    if at == nodes / 2 && name == "title" { "/* field */" } else { ty }
}

/// What a body begins with that is edited.
fn body(at: usize, nodes: usize) -> &'static str {
    if at == nodes / 2 { "/* body */ " } else { "" }
}

/// Five names, for an enum.
const ITEMS: &str = "Drama, Comedy, Western, SciFi, Musical";

/// The fields of an input.
fn input_fields(at: usize) -> String {
    format!("name: Option<String>, first: i32, notes: Vec<String>, genre: Option<Genre{at}>")
}

fn hiku(nodes: usize, values: bool) -> String {
    let mut out = String::from("#![allow(dead_code)]\nuse std::collections::HashMap;\nuse hiku::prelude::*;\n");
    for at in 0..nodes {
        let (next, body) = ((at + 1) % nodes, body(at, nodes));
        let mut arg = String::new();
        if values {
            let fields = input_fields(at);
            let _ = writeln!(out, "#[derive(Clone, Copy, Enum)]\npub enum Genre{at} {{ {ITEMS} }}");
            let _ = writeln!(out, "#[derive(Input)]\npub struct Wanted{at} {{ {fields} }}");
            arg = format!(", #[arg] wanted: Option<Wanted{at}>");
        }
        let _ = writeln!(out, "#[node(table = \"n{at}\")]\npub struct Node{at} {{\n    #[key]\n    id: i64,");
        for (name, ty) in FIELDS {
            let _ = writeln!(out, "    {name}: {},", edited(at, nodes, name, ty));
        }
        if values {
            let _ = writeln!(out, "    genre: Genre{at},");
        }
        let _ = writeln!(out, "    #[link(from = other_id)]\n    other: One<Node{next}>,");
        let _ = writeln!(out, "    #[link(to = Node{next}::other_id)]\n    others: Many<Node{next}>,\n}}");
        let _ = writeln!(
            out,
            "#[node]\nimpl Node{at} {{\n    #[field]\n    async fn fans(id: &[i64]{arg}) -> Result<HashMap<i64, i32>> \
             {{ {body}let _ = id; Ok(HashMap::new()) }}\n}}"
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
        let (next, body) = ((at + 1) % nodes, body(at, nodes));
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
            let _ = writeln!(out, "    {name}: {},", edited(at, nodes, name, ty));
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
             {{ {body}Ok(ctx.data::<DataLoader<Load>>()?.load_one(Fans{at}(self.id)).await?) }}\n}}"
        );
    }
    out + "pub struct Query;\n#[Object]\nimpl Query {\n    async fn all(&self) -> Vec<Node0> { Vec::new() }\n}\n\
           fn main() { let _ = Schema::new(Query, EmptyMutation, EmptySubscription); }\n"
}

/// Its integers have 32 bits, and objects with functions say every field as one.
fn juniper(nodes: usize, values: bool) -> String {
    let mut out = String::from(
        "#![allow(dead_code)]\n#![recursion_limit = \"2048\"]\nuse std::collections::HashMap;\nuse dataloader::{BatchFn, non_cached::Loader};\nuse juniper::*;\n",
    );
    let mut context = String::from("#[derive(Default)]\npub struct Loaders {\n");
    for at in 0..nodes {
        let (next, body) = ((at + 1) % nodes, body(at, nodes));
        let mut arg = String::new();
        if values {
            let fields = input_fields(at);
            let _ = writeln!(out, "#[derive(Clone, Copy, GraphQLEnum)]\npub enum Genre{at} {{ {ITEMS} }}");
            let _ = writeln!(out, "#[derive(GraphQLInputObject)]\npub struct Wanted{at} {{ {fields} }}");
            arg = format!(", wanted: Option<Wanted{at}>");
        }
        let _ = writeln!(out, "#[derive(Clone)]\npub struct Node{at} {{\n    id: i32,");
        let genre = format!("Genre{at}");
        let fields = || FIELDS.into_iter().chain(values.then_some(("genre", &*genre)));
        for (name, ty) in fields() {
            let _ = writeln!(out, "    {name}: {},", edited(at, nodes, name, ty).replace("i64", "i32"));
        }
        let _ = writeln!(out, "}}");
        for (key, value) in [("By", format!("Node{at}")), ("Of", format!("Vec<Node{at}>")), ("Fans", "i32".into())] {
            let _ = writeln!(
                out,
                "#[derive(Default)]\npub struct {key}{at};\nimpl BatchFn<i32, {value}> for {key}{at} {{\n    \
                 async fn load(&mut self, keys: &[i32]) -> HashMap<i32, {value}> {{ let _ = keys; HashMap::new() }}\n}}"
            );
            let field = key.to_lowercase();
            let _ = writeln!(context, "    {field}{at}: Option<Loader<i32, {value}, {key}{at}>>,");
        }
        let _ = writeln!(
            out,
            "#[graphql_object(context = Loaders)]\nimpl Node{at} {{\n    fn id(&self) -> i32 {{ self.id }}"
        );
        for (name, ty) in fields() {
            let ty = edited(at, nodes, name, ty).replace("i64", "i32");
            let _ = writeln!(out, "    fn {name}(&self) -> &{ty} {{ &self.{name} }}");
        }
        let _ = writeln!(
            out,
            "    async fn other(&self, context: &Loaders) -> Option<Node{next}> \
             {{ context.by{next}.as_ref()?.try_load(self.other_id).await.ok() }}\n    \
             async fn others(&self, context: &Loaders) -> FieldResult<Vec<Node{next}>> \
             {{ Ok(context.of{next}.as_ref().ok_or(\"missing\")?.try_load(self.id).await?) }}\n    \
             async fn fans(&self, context: &Loaders{arg}) -> Option<i32> \
             {{ {body}context.fans{at}.as_ref()?.try_load(self.id).await.ok() }}\n}}"
        );
    }
    let _ = writeln!(out, "{context}}}\nimpl Context for Loaders {{}}");
    out + "pub struct Query;\n#[graphql_object(context = Loaders)]\nimpl Query {\n    async fn all(&self) -> Vec<Node0> { Vec::new() }\n}\n\
           fn main() { let _ = RootNode::new(Query, EmptyMutation::<Loaders>::new(), EmptySubscription::<Loaders>::new()); }\n"
}
