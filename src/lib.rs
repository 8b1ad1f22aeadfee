//! hiku
#[doc(hidden)]
pub use hiku_core::private as __private010;
