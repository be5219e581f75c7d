//! Measures the CPU time of encrypting and decrypting.

use std::collections::HashMap;

use aws_db_esdk::item_encryptor::client::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::Value;

use crate::fields::text;
use crate::{run, values, Result};

/// Runs an operation over and over, on a copy of the item each time, as the
/// client takes items by value.
pub async fn measure(
    settings: &Value,
    encryptor: &Client,
    item: HashMap<String, AttributeValue>,
) -> Result<Value> {
    let encrypts = text(settings, "op")? == "encrypt";
    let start = cpu_nanoseconds()?;
    while cpu_nanoseconds()? - start < nanoseconds(settings, "warmUp")? {
        run(encryptor, encrypts, item.clone()).await?;
    }
    let enough = nanoseconds(settings, "seconds")?;
    let start = cpu_nanoseconds()?;
    let mut operations: i64 = 0;
    loop {
        let last = run(encryptor, encrypts, item.clone()).await?;
        operations += 1;
        let taken = cpu_nanoseconds()? - start;
        if taken >= enough {
            let mut response = values::response(last)?;
            response["operations"] = operations.into();
            response["nanoseconds"] = taken.into();
            return Ok(response);
        }
    }
}

fn nanoseconds(settings: &Value, name: &str) -> Result<i64> {
    settings[name]
        .as_f64()
        .map(|seconds| (seconds * 1e9) as i64)
        .ok_or_else(|| format!("invalid request: no number {name}").into())
}

/// The CPU time of all threads of the process so far.
fn cpu_nanoseconds() -> Result<i64> {
    let mut time = libc::timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    // SAFETY: the call writes only to the structure, which outlives it.
    if unsafe { libc::clock_gettime(libc::CLOCK_PROCESS_CPUTIME_ID, &mut time) } != 0 {
        return Err(std::io::Error::last_os_error().into());
    }
    Ok(time.tv_sec * 1_000_000_000 + time.tv_nsec)
}
