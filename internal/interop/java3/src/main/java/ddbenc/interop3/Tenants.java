package ddbenc.interop3;

import com.fasterxml.jackson.databind.JsonNode;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.cryptography.dbencryptionsdk.dynamodb.DynamoDbEncryption;
import software.amazon.cryptography.dbencryptionsdk.dynamodb.IDynamoDbKeyBranchKeyIdSupplier;
import software.amazon.cryptography.dbencryptionsdk.dynamodb.model.CreateDynamoDbEncryptionBranchKeyIdSupplierInput;
import software.amazon.cryptography.dbencryptionsdk.dynamodb.model.DynamoDbEncryptionConfig;
import software.amazon.cryptography.dbencryptionsdk.dynamodb.model.GetBranchKeyIdFromDdbKeyInput;
import software.amazon.cryptography.dbencryptionsdk.dynamodb.model.GetBranchKeyIdFromDdbKeyOutput;
import software.amazon.cryptography.materialproviders.IBranchKeyIdSupplier;

/** Picks the branch key of an item by its partition key, which names a tenant. */
final class Tenants implements IDynamoDbKeyBranchKeyIdSupplier {
  private final JsonNode branchKeys; // by tenant

  private Tenants(JsonNode branchKeys) {
    this.branchKeys = branchKeys;
  }

  static IBranchKeyIdSupplier supplier(JsonNode branchKeys) {
    return DynamoDbEncryption.builder()
        .DynamoDbEncryptionConfig(DynamoDbEncryptionConfig.builder().build())
        .build()
        .CreateDynamoDbEncryptionBranchKeyIdSupplier(
            CreateDynamoDbEncryptionBranchKeyIdSupplierInput.builder()
                .ddbKeyBranchKeyIdSupplier(new Tenants(branchKeys))
                .build())
        .branchKeyIdSupplier();
  }

  @Override
  public GetBranchKeyIdFromDdbKeyOutput GetBranchKeyIdFromDdbKey(
      GetBranchKeyIdFromDdbKeyInput input) {
    AttributeValue tenant = input.ddbKey().get("id");
    JsonNode branchKey = tenant == null ? null : branchKeys.get(String.valueOf(tenant.s()));
    if (branchKey == null) {
      throw new IllegalArgumentException("the item is of no known tenant");
    }
    return GetBranchKeyIdFromDdbKeyOutput.builder().branchKeyId(branchKey.asText()).build();
  }
}
