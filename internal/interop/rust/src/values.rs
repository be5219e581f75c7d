//! Converts between DynamoDB JSON, whose binaries are base64, and the SDK's
//! attribute values.

use std::collections::HashMap;

use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;
use base64::prelude::{Engine, BASE64_STANDARD};
use serde_json::{json, Value};

use crate::fields::{decoded, texts};
use crate::Result;

const INVALID: &str = "invalid request: no DynamoDB JSON";

pub fn item(from: &Value) -> Result<HashMap<String, AttributeValue>> {
    from.as_object()
        .ok_or(INVALID)?
        .iter()
        .map(|(name, value)| Ok((name.clone(), attribute(value)?)))
        .collect()
}

pub fn response(item: Option<HashMap<String, AttributeValue>>) -> Result<Value> {
    Ok(json!({"item": members(&item.ok_or("the client returned no item")?)?}))
}

fn attribute(from: &Value) -> Result<AttributeValue> {
    let mut members = from.as_object().ok_or(INVALID)?.iter();
    let (Some((kind, value)), None) = (members.next(), members.next()) else {
        return Err(INVALID.into());
    };
    Ok(match kind.as_str() {
        "S" => AttributeValue::S(value.as_str().ok_or(INVALID)?.to_owned()),
        "N" => AttributeValue::N(value.as_str().ok_or(INVALID)?.to_owned()),
        "B" => AttributeValue::B(Blob::new(decoded(value.as_str().ok_or(INVALID)?)?)),
        "BOOL" => AttributeValue::Bool(value.as_bool().ok_or(INVALID)?),
        "NULL" => AttributeValue::Null(value.as_bool().ok_or(INVALID)?),
        "SS" => AttributeValue::Ss(texts(value)?),
        "NS" => AttributeValue::Ns(texts(value)?),
        "BS" => AttributeValue::Bs(
            texts(value)?
                .iter()
                .map(|e| Ok(Blob::new(decoded(e)?)))
                .collect::<Result<_>>()?,
        ),
        "L" => AttributeValue::L(
            value
                .as_array()
                .ok_or(INVALID)?
                .iter()
                .map(attribute)
                .collect::<Result<_>>()?,
        ),
        "M" => AttributeValue::M(item(value)?),
        _ => return Err(INVALID.into()),
    })
}

fn members(of: &HashMap<String, AttributeValue>) -> Result<Value> {
    of.iter()
        .map(|(name, value)| Ok((name.clone(), json(value)?)))
        .collect()
}

/// The inverse of attribute.
fn json(of: &AttributeValue) -> Result<Value> {
    Ok(match of {
        AttributeValue::S(v) => json!({"S": v}),
        AttributeValue::N(v) => json!({"N": v}),
        AttributeValue::B(v) => json!({"B": BASE64_STANDARD.encode(v)}),
        AttributeValue::Bool(v) => json!({"BOOL": v}),
        AttributeValue::Null(v) => json!({"NULL": v}),
        AttributeValue::Ss(v) => json!({"SS": v}),
        AttributeValue::Ns(v) => json!({"NS": v}),
        AttributeValue::Bs(v) => {
            json!({"BS": v.iter().map(|e| BASE64_STANDARD.encode(e)).collect::<Vec<_>>()})
        }
        AttributeValue::L(v) => json!({"L": v.iter().map(json).collect::<Result<Vec<_>>>()?}),
        AttributeValue::M(v) => json!({"M": members(v)?}),
        _ => return Err("the client returned an attribute of unknown type".into()),
    })
}
