//! Makes the client's item encryptors.

use std::collections::HashMap;

use aws_db_esdk::item_encryptor;
use aws_db_esdk::item_encryptor::types::dynamo_db_item_encryptor_config::DynamoDbItemEncryptorConfig;
use aws_db_esdk::material_providers::types::keyring::KeyringRef;
use aws_db_esdk::material_providers::types::DbeAlgorithmSuiteId;
use aws_db_esdk::CryptoAction;
use serde_json::Value;

use crate::fields::{list, non_empty, strings, text};
use crate::Result;

pub fn new(request: &Value, keyring: KeyringRef) -> Result<item_encryptor::client::Client> {
    let actions = strings(request, "actions")?
        .into_iter()
        .map(|(name, action)| Ok((name, crypto_action(&action)?)))
        .collect::<Result<HashMap<_, _>>>()?;
    let mut config = DynamoDbItemEncryptorConfig::builder()
        .logical_table_name(text(request, "table")?)
        .partition_key_name(text(request, "partitionKey")?)
        .attribute_actions_on_encrypt(actions)
        .algorithm_suite_id(if request["ecdsa"].as_bool().unwrap_or(false) {
            DbeAlgorithmSuiteId::AlgAes256GcmHkdfSha512CommitKeyEcdsaP384SymsigHmacSha384
        } else {
            DbeAlgorithmSuiteId::AlgAes256GcmHkdfSha512CommitKeySymsigHmacSha384
        })
        .keyring(keyring);
    if let Some(name) = non_empty(request, "sortKey") {
        config = config.sort_key_name(name);
    }
    let unsigned = list(request, "unsigned")?;
    if !unsigned.is_empty() {
        config = config.allowed_unsigned_attributes(unsigned);
    }
    if let Some(prefix) = non_empty(request, "unsignedPrefix") {
        config = config.allowed_unsigned_attribute_prefix(prefix);
    }
    Ok(item_encryptor::client::Client::from_conf(config.build()?)?)
}

fn crypto_action(name: &str) -> Result<CryptoAction> {
    Ok(match name {
        "encrypt" => CryptoAction::EncryptAndSign,
        "sign" => CryptoAction::SignOnly,
        "sign,context" => CryptoAction::SignAndIncludeInEncryptionContext,
        "none" => CryptoAction::DoNothing,
        _ => return Err(format!("invalid request: unknown action {name}").into()),
    })
}
