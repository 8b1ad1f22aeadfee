//! For the tests of users: what a query answered, and which loaders it took.

use crate::engine::{Engine, Request, Response};

/// Run a query and keep what it did.
pub async fn run(engine: &Engine, request: impl Into<Request>) -> Ran {
    Ran { response: engine.execute(request).await }
}

/// What a query answered, and which loaders ran for it.
#[derive(Clone, Debug)]
pub struct Ran {
    /// The response.
    pub response: Response,
}

impl Ran {
    /// The loaders that ran: `actor[30]` is the table of `Actor` read with 30 keys, `Character.fans[3]` a function.
    /// Without keys there are no brackets.
    pub fn loads(&self) -> Vec<String> {
        let name = |load: &crate::run::Load| match load.keys {
            0 => load.name.clone(),
            keys => format!("{}[{keys}]", load.name),
        };
        self.response.loads().iter().map(name).collect()
    }

    /// Exactly these loaders ran, in any order.
    ///
    /// # Panics
    /// If others ran.
    #[track_caller]
    pub fn assert_loads<const N: usize>(&self, expected: [&str; N]) {
        let mut ran = self.loads();
        let mut expected: Vec<String> = expected.iter().map(|&load| load.to_owned()).collect();
        ran.sort();
        expected.sort();
        assert_eq!(ran, expected, "the loaders that ran");
    }

    /// The response is exactly this.
    ///
    /// # Panics
    /// If it is another.
    #[track_caller]
    pub fn assert_json(&self, expected: serde_json::Value) {
        assert_eq!(self.response.to_value(), expected);
    }
}

/// The schema of the engine is what the file holds; with `HIKU_BLESS=1` in the environment, the file is written instead.
///
/// # Panics
/// If it is another, or the file cannot be read.
#[track_caller]
pub fn assert_sdl(engine: &Engine, path: impl AsRef<std::path::Path>) {
    let path = path.as_ref();
    let sdl = engine.sdl();
    if std::env::var_os("HIKU_BLESS").is_some() {
        std::fs::write(path, &sdl).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        return;
    }
    let known = std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    assert!(known == sdl, "the schema differs from {}; HIKU_BLESS=1 writes it\n{sdl}", path.display());
}
