//! Picks the branch key of an item by its partition key, which names a tenant.

use std::collections::HashMap;

use aws_db_esdk::dynamodb;
use aws_db_esdk::dynamodb::operation::get_branch_key_id_from_ddb_key::{
    GetBranchKeyIdFromDdbKeyInput, GetBranchKeyIdFromDdbKeyOutput,
};
use aws_db_esdk::dynamodb::types::dynamo_db_encryption_config::DynamoDbEncryptionConfig;
use aws_db_esdk::dynamodb::types::error::Error;
use aws_db_esdk::dynamodb::types::DynamoDbKeyBranchKeyIdSupplier;
use aws_db_esdk::material_providers::types::branch_key_id_supplier::BranchKeyIdSupplierRef;

use crate::Result;

/// Branch keys by tenant.
struct Tenants(HashMap<String, String>);

impl DynamoDbKeyBranchKeyIdSupplier for Tenants {
    fn get_branch_key_id_from_ddb_key(
        &self,
        input: GetBranchKeyIdFromDdbKeyInput,
    ) -> std::result::Result<GetBranchKeyIdFromDdbKeyOutput, Error> {
        let refused = |message: &str| Error::DynamoDbEncryptionException {
            message: message.to_owned(),
        };
        let branch_key = input
            .ddb_key
            .as_ref()
            .and_then(|key| key.get("id")?.as_s().ok())
            .and_then(|tenant| self.0.get(tenant))
            .ok_or_else(|| refused("the item is of no known tenant"))?;
        GetBranchKeyIdFromDdbKeyOutput::builder()
            .branch_key_id(branch_key)
            .build()
            .map_err(|e| refused(&e.to_string()))
    }
}

pub async fn supplier(branch_keys: HashMap<String, String>) -> Result<BranchKeyIdSupplierRef> {
    let client =
        dynamodb::client::Client::from_conf(DynamoDbEncryptionConfig::builder().build()?)?;
    client
        .create_dynamo_db_encryption_branch_key_id_supplier()
        .ddb_key_branch_key_id_supplier(Tenants(branch_keys))
        .send()
        .await?
        .branch_key_id_supplier
        .ok_or_else(|| "the client made no supplier".into())
}
