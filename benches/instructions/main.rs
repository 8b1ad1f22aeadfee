//! How many instructions a few fixed requests take, counted by valgrind's callgrind: the same on a busy machine as on an idle
//! one, so that a regression fails.
//!
//! `cargo run --release --manifest-path benches/instructions/Cargo.toml` compares with `recorded.txt`, `HIKU_BLESS=1` before
//! it records. What is compared is the compiler that was recorded with: another one makes other instructions.

#[path = "../src/data.rs"]
#[allow(dead_code, reason = "the benchmarks need more of it")]
mod data;
#[path = "../src/hiku_impl.rs"]
#[allow(dead_code, reason = "the benchmarks need more of it")]
mod hiku_impl;
#[path = "../src/query.rs"]
#[allow(dead_code, reason = "the benchmarks need more of it")]
mod query;

use std::fmt::Write;
use std::path::Path;
use std::pin::pin;
use std::process::{Command, ExitCode};
use std::task::{Context, Poll, Waker};

use hiku::sql::Db;

use data::Data;
use hiku_impl::Hiku;
use query::Query;

/// By how many of a hundred a count may be above what was recorded: some are in hash tables, whose seeds differ.
const MARGIN: u64 = 5;

const CHARACTERS: usize = 30;

#[derive(Clone, Copy)]
enum From {
    Memory,
    Sqlite,
    /// In memory, of a document that was not seen before: it is read, validated and planned.
    Cold,
}

/// What is asked, and how often.
const CASES: [(&str, From, Query, u64); 14] = [
    ("memory Q1", From::Memory, Query::Flat, 50),
    ("memory Q2", From::Memory, Query::OneToMany, 20),
    ("memory Q3", From::Memory, Query::ManyToOne, 20),
    ("memory Q4", From::Memory, Query::ThreeLevels, 20),
    ("memory Q5", From::Memory, Query::ByKey, 200),
    ("memory __typename", From::Memory, Query::TypeName, 200),
    ("memory, computed", From::Memory, Query::Computed, 20),
    ("SQLite Q2", From::Sqlite, Query::OneToMany, 20),
    ("SQLite Q4", From::Sqlite, Query::ThreeLevels, 10),
    ("SQLite Q5", From::Sqlite, Query::ByKey, 200),
    ("SQLite Q1", From::Sqlite, Query::Flat, 50),
    ("memory, aliases", From::Memory, Query::Aliases, 20),
    ("memory, fragments", From::Memory, Query::Fragments, 20),
    ("new document", From::Cold, Query::Aliases, 50),
];

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [case, requests] = &*arguments {
        answer(CASES[case.parse::<usize>().unwrap()], requests.parse().unwrap());
        return ExitCode::SUCCESS;
    }
    let compiler = compiler();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("recorded.txt");
    let recorded = std::fs::read_to_string(&path).unwrap_or_default();
    let bless = std::env::var_os("HIKU_BLESS").is_some();
    let comparable = recorded.lines().next() == Some(&*compiler);
    if !comparable && !bless {
        println!("nothing is compared: this is {compiler}, not what {} was recorded with", path.display());
    }
    let mut counts = format!("{compiler}\n");
    let mut failed = false;
    for (case, (name, _, _, requests)) in CASES.into_iter().enumerate() {
        // What is between once and twice the requests is theirs alone: without the start, and the first of each kind.
        let count = (counted(case, 2 * requests) - counted(case, requests)) / requests;
        let before = recorded.lines().find_map(|line| line.strip_prefix(name)?.trim().parse::<u64>().ok());
        let told = match before {
            Some(before) if comparable => {
                let change = 100.0 * (count as f64 / before as f64 - 1.0);
                failed |= count > before + before * MARGIN / 100;
                format!("{change:+6.1} %")
            }
            _ => {
                failed |= comparable;
                "not recorded".into()
            }
        };
        println!("{name:<20} {count:>10}  {told}");
        let _ = writeln!(counts, "{name:<20} {count:>10}");
    }
    if bless {
        std::fs::write(&path, counts).unwrap();
        return ExitCode::SUCCESS;
    }
    if failed {
        println!("more than {MARGIN} % above what was recorded; if it has to be, record it with HIKU_BLESS=1");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

/// The compiler and the processor that instructions are of.
fn compiler() -> String {
    let output = Command::new("rustc").arg("--version").output().unwrap().stdout;
    let version = String::from_utf8_lossy(&output);
    format!("{}, {}", version.split(" (").next().unwrap_or_default(), std::env::consts::ARCH)
}

/// The instructions of a process that answers so many requests.
fn counted(case: usize, requests: u64) -> u64 {
    let program = std::env::current_exe().unwrap();
    let mut valgrind = Command::new("valgrind");
    valgrind.args(["--tool=callgrind", "--callgrind-out-file=/dev/null"]).arg(program);
    let output = valgrind.args([case.to_string(), requests.to_string()]).output().expect("valgrind is missing");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    let collected = said.lines().find_map(|line| line.split_once("Collected :")?.1.trim().parse().ok());
    collected.unwrap_or_else(|| panic!("valgrind counted nothing: {said}"))
}

fn answer((name, from, query, _): (&str, From, Query, u64), requests: u64) {
    let hiku = match from {
        From::Memory | From::Cold => Hiku::in_memory(&Data::new(CHARACTERS)).unwrap(),
        From::Sqlite => Hiku::over_sql("hiku", tables()).unwrap(),
    };
    for number in 0..requests + 3 {
        let text = match from {
            From::Cold => format!("{} # {number}", query.text()),
            _ => query.text().to_owned(),
        };
        let body = now(hiku.ask(&text));
        assert!(body.starts_with(b"{\"data\":{") && !body.ends_with(b"]}"), "{name}");
    }
}

/// Without a runtime statements run in place, however long they take: valgrind makes all of them long.
fn now<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    match future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(done) => done,
        Poll::Pending => panic!("a request waited for something"),
    }
}

/// The rows of the benchmarks, in SQLite's memory.
fn tables() -> Db {
    let db = now(Db::connect("sqlite::memory:")).unwrap();
    let filling = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    filling.block_on(async {
        for text in [
            "CREATE TABLE character (id INTEGER PRIMARY KEY, name TEXT NOT NULL, species TEXT)",
            "CREATE TABLE actor (id INTEGER PRIMARY KEY, name TEXT NOT NULL, character_id INTEGER NOT NULL)",
            "CREATE INDEX actor_character_id ON actor (character_id)",
            "CREATE TABLE movie (id INTEGER PRIMARY KEY, title TEXT NOT NULL, year INTEGER NOT NULL)",
            "CREATE TABLE casting (actor_id INTEGER NOT NULL, movie_id INTEGER NOT NULL, PRIMARY KEY (actor_id, movie_id))",
        ] {
            db.execute_raw(text).await.unwrap();
        }
        let data = Data::new(CHARACTERS);
        let quoted = |text: &str| format!("'{}'", text.replace('\'', "''"));
        let species = |text: &Option<String>| text.as_ref().map_or("NULL".to_owned(), |text| quoted(text));
        let characters = data.characters.iter();
        let actors = data.actors.iter();
        let movies = data.movies.iter();
        for (table, rows) in [
            ("character", characters.map(|row| format!("({}, {}, {})", row.id, quoted(&row.name), species(&row.species))).collect::<Vec<_>>()),
            ("actor", actors.map(|row| format!("({}, {}, {})", row.id, quoted(&row.name), row.character_id)).collect()),
            ("movie", movies.map(|row| format!("({}, {}, {})", row.id, quoted(&row.title), row.year)).collect()),
            ("casting", data.castings.iter().map(|row| format!("{row:?}")).collect()),
        ] {
            db.execute_raw(&format!("INSERT INTO {table} VALUES {}", rows.join(", "))).await.unwrap();
        }
    });
    db
}
