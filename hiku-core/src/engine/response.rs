//! A response: bytes, and what was done for them.

use crate::error::{Error, Result};
use crate::run::Load;

/// The answer to a request, as JSON: `{"data": …, "errors": […]}`; no `data` if the request was refused.
#[derive(Clone, Debug)]
pub struct Response {
    bytes: Vec<u8>,
    errors: usize,
    loads: Vec<Load>,
}

impl Response {
    pub(super) fn new(bytes: Vec<u8>, errors: usize, loads: Vec<Load>) -> Self {
        Response { bytes, errors, loads }
    }

    pub(super) fn refused(bytes: Vec<u8>, errors: usize) -> Self {
        Response { bytes, errors, loads: Vec::new() }
    }

    /// The JSON text.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The JSON text, without copying it.
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    /// Whether nothing went wrong.
    pub fn is_ok(&self) -> bool {
        self.errors == 0
    }

    /// The response as a value.
    pub fn to_value(&self) -> serde_json::Value {
        serde_json::from_slice(&self.bytes).unwrap_or_default()
    }

    /// `data` as a type of yours.
    ///
    /// # Errors
    /// If there are errors in the response: a public error with their messages. If the data is not of the type: what
    /// `serde_json` says.
    pub fn data<T: serde::de::DeserializeOwned>(&self) -> Result<T> {
        #[derive(serde::Deserialize)]
        struct Body<T> {
            data: T,
        }
        if !self.is_ok() {
            let value = self.to_value();
            let messages = value["errors"].as_array().into_iter().flatten().filter_map(|error| error["message"].as_str());
            return Err(Error::new(messages.collect::<Vec<_>>().join("\n")));
        }
        Ok(serde_json::from_slice::<Body<T>>(&self.bytes)?.data)
    }

    /// The loaders that were called for it, in the order in which they started.
    pub fn loads(&self) -> &[Load] {
        &self.loads
    }
}

impl std::fmt::Display for Response {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&String::from_utf8_lossy(&self.bytes))
    }
}
