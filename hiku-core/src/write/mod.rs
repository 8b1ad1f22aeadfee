//! What leaves: the schema as text.
//!
//! Owns the formats. It does not load, plan or check anything.

mod sdl;

pub use sdl::sdl;
