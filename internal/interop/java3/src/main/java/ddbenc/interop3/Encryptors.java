package ddbenc.interop3;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import software.amazon.cryptography.dbencryptionsdk.dynamodb.itemencryptor.DynamoDbItemEncryptor;
import software.amazon.cryptography.dbencryptionsdk.dynamodb.itemencryptor.model.DynamoDbItemEncryptorConfig;
import software.amazon.cryptography.dbencryptionsdk.structuredencryption.model.CryptoAction;
import software.amazon.cryptography.materialproviders.model.DBEAlgorithmSuiteId;

/** The client's item encryptors, as requests describe them. They are kept, for requests repeat. */
final class Encryptors {
  private final Keyrings keyrings;
  private final Map<JsonNode, DynamoDbItemEncryptor> made = new HashMap<>();

  Encryptors(Keyrings keyrings) {
    this.keyrings = keyrings;
  }

  DynamoDbItemEncryptor get(JsonNode request) {
    ObjectNode settings = request.deepCopy();
    settings.remove(List.of("op", "bench", "item"));
    DynamoDbItemEncryptor encryptor = made.get(settings);
    if (encryptor == null) {
      encryptor =
          DynamoDbItemEncryptor.builder().DynamoDbItemEncryptorConfig(config(settings)).build();
      made.put(settings, encryptor);
    }
    return encryptor;
  }

  private DynamoDbItemEncryptorConfig config(JsonNode settings) {
    DynamoDbItemEncryptorConfig.Builder config =
        DynamoDbItemEncryptorConfig.builder()
            .logicalTableName(settings.get("table").asText())
            .partitionKeyName(settings.get("partitionKey").asText())
            .attributeActionsOnEncrypt(actions(settings))
            .algorithmSuiteId(
                settings.get("ecdsa").asBoolean()
                    ? DBEAlgorithmSuiteId
                        .ALG_AES_256_GCM_HKDF_SHA512_COMMIT_KEY_ECDSA_P384_SYMSIG_HMAC_SHA384
                    : DBEAlgorithmSuiteId
                        .ALG_AES_256_GCM_HKDF_SHA512_COMMIT_KEY_SYMSIG_HMAC_SHA384)
            .keyring(keyrings.get(settings.get("keyring")));
    // Empty means unset in a request, while the client refuses an empty name or list.
    if (!settings.path("sortKey").asText().isEmpty()) {
      config.sortKeyName(settings.get("sortKey").asText());
    }
    if (!settings.path("unsigned").isEmpty()) {
      List<String> unsigned = new ArrayList<>();
      settings.get("unsigned").forEach(name -> unsigned.add(name.asText()));
      config.allowedUnsignedAttributes(unsigned);
    }
    if (!settings.path("unsignedPrefix").asText().isEmpty()) {
      config.allowedUnsignedAttributePrefix(settings.get("unsignedPrefix").asText());
    }
    return config.build();
  }

  static Map<String, CryptoAction> actions(JsonNode settings) {
    Map<String, CryptoAction> actions = new HashMap<>();
    settings
        .get("actions")
        .fields()
        .forEachRemaining(f -> actions.put(f.getKey(), action(f.getValue().asText())));
    return actions;
  }

  private static CryptoAction action(String name) {
    switch (name) {
      case "encrypt":
        return CryptoAction.ENCRYPT_AND_SIGN;
      case "sign":
        return CryptoAction.SIGN_ONLY;
      case "sign,context":
        return CryptoAction.SIGN_AND_INCLUDE_IN_ENCRYPTION_CONTEXT;
      case "none":
        return CryptoAction.DO_NOTHING;
      default:
        throw new IllegalArgumentException("unknown action " + name);
    }
  }
}
