//! Encrypts and decrypts items with the official Rust client, for the Go test.
//! Reads a JSON request a line, writes a JSON response a line.

mod bench;
mod encryptors;
mod fields;
mod keyrings;
mod tenants;
mod values;

use std::collections::HashMap;
use std::error::Error;
use std::io::Write;
use std::panic::{catch_unwind, AssertUnwindSafe};

use aws_db_esdk::item_encryptor;
use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::{json, Value};

use fields::{non_empty, strings, text};
use keyrings::Keyrings;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

fn main() -> Result<()> {
    // The client waits for its calls to AWS inside synchronous code, which
    // needs a runtime of the multi-threaded kind to hand its other work to.
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()?;
    let mut party = Party::default();
    for line in std::io::stdin().lines() {
        let line = line?;
        let response = catch_unwind(AssertUnwindSafe(|| runtime.block_on(party.handle(&line))))
            .unwrap_or_else(|_| Err("panic: the client panicked, standard error says why".into()))
            .unwrap_or_else(|e| json!({"error": e.to_string()}));
        let mut out = std::io::stdout().lock();
        writeln!(out, "{response}")?;
        out.flush()?;
    }
    Ok(())
}

/// What earlier requests made: it is kept, for requests repeat.
#[derive(Default)]
struct Party {
    keyrings: Keyrings,
    encryptors: HashMap<String, item_encryptor::client::Client>,
}

impl Party {
    async fn handle(&mut self, line: &str) -> Result<Value> {
        let request: Value =
            serde_json::from_str(line).map_err(|e| format!("invalid request: {e}"))?;
        let keyring = &request["keyring"];
        match text(&request, "op")? {
            op @ ("encrypt" | "decrypt") => {
                let item = values::item(&request["item"])?;
                let encryptor = self.encryptor(&request).await?;
                values::response(run(&encryptor, op == "encrypt", item).await?)
            }
            "bench" => {
                let item = values::item(&request["item"])?;
                let encryptor = self.encryptor(&request).await?;
                bench::measure(&request["bench"], &encryptor, item).await
            }
            "create-store" => {
                keyrings::key_store(keyring)?
                    .create_key_store()
                    .send()
                    .await?;
                Ok(json!({}))
            }
            "create-branch-key" => {
                let mut creation = keyrings::key_store(keyring)?.create_key();
                if let Some(id) = non_empty(keyring, "branchKeyID") {
                    creation = creation.branch_key_identifier(id);
                }
                if !request["encryptionContext"].is_null() {
                    creation = creation.encryption_context(strings(&request, "encryptionContext")?);
                }
                let created = creation.send().await?;
                Ok(json!({"branchKeyID": created.branch_key_identifier}))
            }
            "rotate-branch-key" => {
                keyrings::key_store(keyring)?
                    .version_key()
                    .branch_key_identifier(text(keyring, "branchKeyID")?)
                    .send()
                    .await?;
                Ok(json!({}))
            }
            op => Err(format!("invalid request: unknown operation {op}").into()),
        }
    }

    async fn encryptor(&mut self, request: &Value) -> Result<item_encryptor::client::Client> {
        let mut settings = request.clone();
        for name in ["op", "bench", "item"] {
            settings
                .as_object_mut()
                .ok_or("invalid request: no object")?
                .remove(name);
        }
        let settings = settings.to_string();
        if let Some(known) = self.encryptors.get(&settings) {
            return Ok(known.clone());
        }
        let keyring = self.keyrings.get(&request["keyring"]).await?;
        let made = encryptors::new(request, keyring)?;
        self.encryptors.insert(settings, made.clone());
        Ok(made)
    }
}

/// Encrypts or decrypts an item.
async fn run(
    encryptor: &item_encryptor::client::Client,
    encrypts: bool,
    item: HashMap<String, AttributeValue>,
) -> Result<Option<HashMap<String, AttributeValue>>> {
    if encrypts {
        let sealed = encryptor.encrypt_item().plaintext_item(item).send().await?;
        return Ok(sealed.encrypted_item);
    }
    let opened = encryptor.decrypt_item().encrypted_item(item).send().await?;
    Ok(opened.plaintext_item)
}
