//! Reads the members of JSON objects.

use std::collections::HashMap;

use base64::prelude::{Engine, BASE64_STANDARD};
use serde_json::Value;

use crate::Result;

pub fn text<'a>(object: &'a Value, name: &str) -> Result<&'a str> {
    object[name]
        .as_str()
        .ok_or_else(|| format!("invalid request: no text {name}").into())
}

pub fn bytes(object: &Value, name: &str) -> Result<Vec<u8>> {
    decoded(text(object, name)?)
}

pub fn decoded(encoded: &str) -> Result<Vec<u8>> {
    BASE64_STANDARD
        .decode(encoded)
        .map_err(|e| format!("invalid request: {e}").into())
}

/// The texts in a list, which may be absent.
pub fn list(object: &Value, name: &str) -> Result<Vec<String>> {
    if object[name].is_null() {
        return Ok(Vec::new());
    }
    texts(&object[name])
}

pub fn texts(list: &Value) -> Result<Vec<String>> {
    list.as_array()
        .and_then(|all| all.iter().map(|e| e.as_str().map(str::to_owned)).collect())
        .ok_or_else(|| "invalid request: no list of texts".into())
}

/// An object of texts.
pub fn strings(object: &Value, name: &str) -> Result<HashMap<String, String>> {
    object[name]
        .as_object()
        .and_then(|all| {
            all.iter()
                .map(|(k, v)| Some((k.clone(), v.as_str()?.to_owned())))
                .collect()
        })
        .ok_or_else(|| format!("invalid request: no object of texts {name}").into())
}

/// A text that is there and says something.
pub fn non_empty<'a>(object: &'a Value, name: &str) -> Option<&'a str> {
    object[name].as_str().filter(|text| !text.is_empty())
}
