//! Makes the client's keyrings, and the branch key stores of hierarchical ones.

use std::collections::HashMap;
use std::future::Future;
use std::pin::Pin;

use aws_db_esdk::key_store;
use aws_db_esdk::key_store::types::key_store_config::KeyStoreConfig;
use aws_db_esdk::key_store::types::KmsConfiguration;
use aws_db_esdk::material_providers;
use aws_db_esdk::material_providers::types::keyring::KeyringRef;
use aws_db_esdk::material_providers::types::material_providers_config::MaterialProvidersConfig;
use aws_db_esdk::material_providers::types::{AesWrappingAlg, DiscoveryFilter, PaddingScheme};
use aws_sdk_kms::config::{BehaviorVersion, Credentials, Region};
use aws_sdk_kms::types::EncryptionAlgorithmSpec;
use pem::Pem;
use serde_json::Value;

use crate::fields::{bytes, list, strings, text};
use crate::tenants;
use crate::Result;

/// The keyrings made so far, by their JSON. A hierarchical keyring has a cache
/// of its own, so that one for each request would not do.
#[derive(Default)]
pub struct Keyrings(HashMap<String, KeyringRef>);

impl Keyrings {
    pub async fn get(&mut self, k: &Value) -> Result<KeyringRef> {
        let key = k.to_string();
        if let Some(known) = self.0.get(&key) {
            return Ok(known.clone());
        }
        let made = keyring(k).await?;
        self.0.insert(key, made.clone());
        Ok(made)
    }
}

/// Boxed, for keyrings are made of keyrings.
fn keyring(k: &Value) -> Pin<Box<dyn Future<Output = Result<KeyringRef>> + '_>> {
    Box::pin(async move {
        let mpl = material_providers::client::Client::from_conf(
            MaterialProvidersConfig::builder().build()?,
        )?;
        Ok(match text(k, "kind")? {
            "raw-aes" => {
                let key = bytes(k, "key")?;
                mpl.create_raw_aes_keyring()
                    .key_namespace(text(k, "namespace")?)
                    .key_name(text(k, "name")?)
                    .wrapping_alg(match key.len() {
                        16 => AesWrappingAlg::AlgAes128GcmIv12Tag16,
                        24 => AesWrappingAlg::AlgAes192GcmIv12Tag16,
                        _ => AesWrappingAlg::AlgAes256GcmIv12Tag16,
                    })
                    .wrapping_key(key)
                    .send()
                    .await?
            }
            "raw-rsa" => {
                mpl.create_raw_rsa_keyring()
                    .key_namespace(text(k, "namespace")?)
                    .key_name(text(k, "name")?)
                    .padding_scheme(padding(text(k, "padding")?)?)
                    .public_key(to_pem(k, "publicKey", "PUBLIC KEY")?)
                    .private_key(to_pem(k, "privateKey", "PRIVATE KEY")?)
                    .send()
                    .await?
            }
            "kms" => {
                mpl.create_aws_kms_keyring()
                    .kms_key_id(text(k, "keyARN")?)
                    .kms_client(kms(k)?)
                    .send()
                    .await?
            }
            "kms-mrk" => {
                mpl.create_aws_kms_mrk_keyring()
                    .kms_key_id(text(k, "keyARN")?)
                    .kms_client(kms(k)?)
                    .send()
                    .await?
            }
            "kms-discovery" => {
                let filter = DiscoveryFilter::builder()
                    .partition(text(k, "partition")?)
                    .account_ids(list(k, "accounts")?)
                    .build()?;
                mpl.create_aws_kms_discovery_keyring()
                    .discovery_filter(filter)
                    .kms_client(kms(k)?)
                    .send()
                    .await?
            }
            "kms-rsa" => {
                mpl.create_aws_kms_rsa_keyring()
                    .kms_key_id(text(k, "keyARN")?)
                    .public_key(to_pem(k, "publicKey", "PUBLIC KEY")?)
                    .encryption_algorithm(EncryptionAlgorithmSpec::from(text(k, "algorithm")?))
                    .kms_client(kms(k)?)
                    .send()
                    .await?
            }
            "multi" => {
                let mut children = Vec::new();
                for child in k["children"].as_array().into_iter().flatten() {
                    children.push(keyring(child).await?);
                }
                let mut multi = mpl.create_multi_keyring().child_keyrings(children);
                if !k["generator"].is_null() {
                    multi = multi.generator(keyring(&k["generator"]).await?);
                }
                multi.send().await?
            }
            "hierarchical" => {
                let ttl = k["ttlSeconds"]
                    .as_i64()
                    .ok_or("invalid request: no number ttlSeconds")?;
                let mut hierarchical = mpl
                    .create_aws_kms_hierarchical_keyring()
                    .key_store(key_store(k)?)
                    .ttl_seconds(ttl);
                hierarchical = if k["tenants"].is_null() {
                    hierarchical.branch_key_id(text(k, "branchKeyID")?)
                } else {
                    hierarchical
                        .branch_key_id_supplier(tenants::supplier(strings(k, "tenants")?).await?)
                };
                hierarchical.send().await?
            }
            kind => return Err(format!("invalid request: unknown keyring {kind}").into()),
        })
    })
}

/// The branch key store of a hierarchical keyring.
pub fn key_store(k: &Value) -> Result<key_store::client::Client> {
    let ddb = aws_sdk_dynamodb::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .endpoint_url(text(k, "dynamodbEndpoint")?)
        .region(Region::new(text(k, "region")?.to_owned()))
        .credentials_provider(local())
        .build();
    let config = KeyStoreConfig::builder()
        .ddb_table_name(text(k, "keyStoreTable")?)
        .logical_key_store_name(text(k, "logicalKeyStoreName")?)
        .kms_configuration(KmsConfiguration::KmsKeyArn(text(k, "keyARN")?.to_owned()))
        .ddb_client(aws_sdk_dynamodb::Client::from_conf(ddb))
        .kms_client(kms(k)?)
        .build()?;
    Ok(key_store::client::Client::from_conf(config)?)
}

fn kms(k: &Value) -> Result<aws_sdk_kms::Client> {
    let config = aws_sdk_kms::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .endpoint_url(text(k, "endpoint")?)
        .region(Region::new(text(k, "region")?.to_owned()))
        .credentials_provider(local())
        .build();
    Ok(aws_sdk_kms::Client::from_conf(config))
}

fn local() -> Credentials {
    Credentials::new("local", "local", None, None, "interop")
}

fn to_pem(k: &Value, name: &str, tag: &str) -> Result<Vec<u8>> {
    Ok(pem::encode(&Pem::new(tag, bytes(k, name)?)).into_bytes())
}

fn padding(name: &str) -> Result<PaddingScheme> {
    Ok(match name {
        "OAEP_SHA1_MGF1" => PaddingScheme::OaepSha1Mgf1,
        "OAEP_SHA256_MGF1" => PaddingScheme::OaepSha256Mgf1,
        "OAEP_SHA384_MGF1" => PaddingScheme::OaepSha384Mgf1,
        "OAEP_SHA512_MGF1" => PaddingScheme::OaepSha512Mgf1,
        "PKCS1" => PaddingScheme::Pkcs1,
        _ => return Err(format!("invalid request: unknown padding {name}").into()),
    })
}
