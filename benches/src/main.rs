//! hiku beside what else one would use: the same tables, the same queries, the same answers.
//!
//! `cargo run --release --manifest-path benches/Cargo.toml -- --help`

mod alloc;
mod async_graphql_impl;
mod by_hand;
mod data;
mod database;
mod hiku_impl;
mod juniper_impl;
mod measure;
mod query;
mod report;

use std::fmt::Write;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, ExitCode};
use std::sync::Arc;
use std::time::Duration;

use data::Data;
use database::{Ping, PostgresSchema, SqliteFile};
use query::{Impl, Query};
use report::Section;

const HELP: &str = "\
Times every implementation of every query on every database and size, and prints Markdown.

Filters, each a list with commas:
  db=memory,sqlite,postgres   impl=hiku,hand,…   size=3,100,1000   query=Q1,…,Q6,H1,…,H4
  seconds=0.5                 how long each cell may take per implementation

  --check    compare the answers, time nothing
  --write    put the tables into docs/benchmarks.md as well

PostgreSQL is the server of HIKU_BENCH_POSTGRES; without one, .ci/with-postgres starts one for the run.
";

const URL: &str = "HIKU_BENCH_POSTGRES";
const REPOSITORY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

struct Options {
    databases: Vec<String>,
    impls: Vec<String>,
    sizes: Vec<usize>,
    queries: Vec<Query>,
    budget: Duration,
    check: bool,
    write: bool,
}

impl Options {
    fn read(arguments: impl Iterator<Item = String>) -> Result<Options, String> {
        let mut options = Options {
            databases: ["memory", "sqlite", "postgres"].map(Into::into).into(),
            impls: Vec::new(),
            sizes: vec![3, 100, 1000],
            queries: Query::ALL.into(),
            budget: Duration::from_millis(300),
            check: false,
            write: false,
        };
        for argument in arguments {
            let (name, value) = argument.split_once('=').unwrap_or((&argument, ""));
            let values = || value.split(',').map(str::to_owned);
            let wrong = |_| format!("`{argument}` is not understood; see --help");
            match name {
                "--check" => options.check = true,
                "--write" => options.write = true,
                "db" => options.databases = values().collect(),
                "impl" => options.impls = values().collect(),
                "size" => {
                    options.sizes =
                        values().map(|size| size.parse().map_err(|_| wrong(()))).collect::<Result<_, _>>()?;
                }
                "query" => options.queries.retain(|query| value.split(',').any(|name| name == query.name())),
                "seconds" => options.budget = Duration::from_secs_f64(value.parse().map_err(|_| wrong(()))?),
                _ => return Err(wrong(())),
            }
        }
        Ok(options)
    }

    fn wants(&self, database: &str) -> bool {
        self.databases.iter().any(|name| name == database)
    }
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments.iter().any(|argument| argument == "--help") {
        print!("{HELP}");
        return ExitCode::SUCCESS;
    }
    let options = match Options::read(arguments.iter().cloned()) {
        Ok(options) => options,
        Err(message) => {
            eprintln!("{message}");
            return ExitCode::FAILURE;
        }
    };
    if options.wants("postgres") && std::env::var_os(URL).is_none() {
        let script = Path::new(REPOSITORY).join(".ci/with-postgres");
        let failed = Command::new(&script).arg(std::env::current_exe().unwrap()).args(&arguments).exec();
        eprintln!("{}: {failed}", script.display());
        return ExitCode::FAILURE;
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    // In a task, as a server's handler would be, not on the thread that blocks on it.
    runtime.block_on(async { tokio::spawn(run(options)).await }).unwrap()
}

async fn run(options: Options) -> ExitCode {
    let mut sections = Vec::new();
    let mut versions = format!("{}, async-graphql 7, juniper 0.18, sqlx 0.9, SQLite {}", rustc(), rusqlite::version());
    for &size in &options.sizes {
        let data = Arc::new(Data::new(size));
        for database in ["memory", "sqlite", "postgres"].into_iter().filter(|database| options.wants(database)) {
            let mut sqlite = None;
            let mut postgres = None;
            let mut impls = match database {
                "memory" => in_memory(&data),
                "sqlite" => over_sqlite(sqlite.insert(SqliteFile::new(&data))).await,
                _ => {
                    let url = std::env::var(URL).expect("the server's URL is UTF-8");
                    let schema = postgres.insert(PostgresSchema::new(&url, &data).await);
                    if !versions.contains("PostgreSQL") {
                        let _ = write!(versions, ", PostgreSQL {}", schema.version().await);
                    }
                    over_postgres(schema).await
                }
            };
            if !options.impls.is_empty() {
                impls.retain(|candidate| options.impls.iter().any(|part| candidate.name().contains(part)));
            }
            let mut queries = options.queries.clone();
            queries.retain(|query| database == "memory" || query.of_tables());
            if let Err(message) = compare(&data, &impls, &queries).await {
                eprintln!("{database}, {size} characters: {message}");
                return ExitCode::FAILURE;
            }
            let names: Vec<String> = impls.iter().map(|candidate| candidate.name().to_owned()).collect();
            eprintln!("{database}, {size} characters: equal answers from {}", names.join("; "));
            if !options.check {
                let mut measured = Vec::new();
                for &query in &queries {
                    measured.push(measure::measure(&impls, query, options.budget).await);
                }
                let database = match database {
                    "memory" => "In memory",
                    "sqlite" => "SQLite",
                    _ => "PostgreSQL",
                };
                sections.push(Section { database, size, queries, impls: names, measured });
            }
            drop(impls);
            if let Some(schema) = postgres {
                schema.remove().await;
            }
        }
    }
    if options.check {
        return ExitCode::SUCCESS;
    }
    sections
        .sort_by_key(|section| ["In memory", "SQLite"].iter().position(|name| *name == section.database).unwrap_or(2));
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let tables: Vec<String> = sections.iter().map(Section::markdown).collect();
    let text = format!("Measured on {cores} cores with {versions}.\n\n{}", tables.join("\n"));
    println!("{text}");
    if options.write
        && let Err(message) = write_down(&text)
    {
        eprintln!("{message}");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

fn in_memory(data: &Arc<Data>) -> Vec<Box<dyn Impl>> {
    vec![
        Box::new(by_hand::memory::Memory::new(data)),
        Box::new(by_hand::memory::Copying::new(data)),
        Box::new(hiku_impl::Hiku::in_memory(data).unwrap()),
        Box::new(async_graphql_impl::memory::InMemory::new(data.clone())),
        Box::new(juniper_impl::InMemory::new(data.clone())),
    ]
}

async fn over_sqlite(file: &SqliteFile) -> Vec<Box<dyn Impl>> {
    use async_graphql_impl::sql::{OverSql, Pool};
    vec![
        Box::new(by_hand::ByHand::new("by hand, rusqlite", by_hand::rusqlite::Rusqlite::new(file.path.clone()))),
        Box::new(by_hand::ByHand::new("by hand, sqlx", by_hand::sqlx::OverSqlite(file.pool(Ping::No).await))),
        Box::new(hiku_impl::Hiku::over_sql("hiku", file.db().await).unwrap()),
        Box::new(hiku_impl::Hiku::over_sql("hiku, pool of sqlx", file.pool(Ping::No).await.into()).unwrap()),
        Box::new(OverSql::new(Pool::Sqlite(file.pool(Ping::Yes).await))),
        Box::new(OverSql::tuned(Pool::Sqlite(file.pool(Ping::No).await))),
    ]
}

async fn over_postgres(schema: &PostgresSchema) -> Vec<Box<dyn Impl>> {
    use async_graphql_impl::sql::{OverSql, Pool};
    vec![
        Box::new(by_hand::ByHand::new("by hand, sqlx", by_hand::sqlx::OverPostgres(schema.pool(Ping::No).await))),
        Box::new(hiku_impl::Hiku::over_sql("hiku", schema.pool(Ping::No).await.into()).unwrap()),
        Box::new(OverSql::new(Pool::Postgres(schema.pool(Ping::Yes).await))),
        Box::new(OverSql::tuned(Pool::Postgres(schema.pool(Ping::No).await))),
    ]
}

/// Whether all answer the same JSON, which is what is written by hand from the rows in memory; where nothing is, what
/// async-graphql answers from them.
async fn compare(data: &Arc<Data>, impls: &[Box<dyn Impl>], queries: &[Query]) -> Result<(), String> {
    let by_hand = by_hand::memory::Memory::new(data);
    let other = async_graphql_impl::memory::InMemory::new(data.clone());
    for &query in queries {
        let expected = match by_hand.respond(query) {
            Some(body) => body,
            None => other.run(query).await,
        };
        let expected: serde_json::Value = serde_json::from_slice(&expected).map_err(|e| e.to_string())?;
        for candidate in impls.iter().filter(|candidate| candidate.answers(query)) {
            let body = candidate.run(query).await;
            if serde_json::from_slice::<serde_json::Value>(&body).ok().as_ref() != Some(&expected) {
                let start: String = String::from_utf8_lossy(&body).chars().take(300).collect();
                return Err(format!("`{}` answers {} otherwise: {start}", candidate.name(), query.text()));
            }
        }
    }
    Ok(())
}

fn rustc() -> String {
    let version = Command::new("rustc").arg("--version").output().map(|output| output.stdout).unwrap_or_default();
    String::from_utf8_lossy(&version).split(" (").next().unwrap_or_default().trim().to_owned()
}

/// Replaces what stands between the two marks.
fn write_down(text: &str) -> Result<(), String> {
    const MARKS: [&str; 2] = ["<!-- measured -->", "<!-- /measured -->"];
    let path = Path::new(REPOSITORY).join("docs/benchmarks.md");
    let document = std::fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    let parts = document.split_once(MARKS[0]).and_then(|(before, rest)| Some((before, rest.split_once(MARKS[1])?.1)));
    let (before, after) = parts.ok_or_else(|| format!("{} has no {MARKS:?}", path.display()))?;
    let document = format!("{before}{}\n{text}{}{after}", MARKS[0], MARKS[1]);
    std::fs::write(&path, document).map_err(|error| format!("{}: {error}", path.display()))
}
