package ddbenc.interop3;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.HashMap;
import java.util.Map;
import software.amazon.cryptography.keystore.KeyStore;
import software.amazon.cryptography.keystore.model.CreateKeyInput;
import software.amazon.cryptography.keystore.model.CreateKeyStoreInput;
import software.amazon.cryptography.keystore.model.KMSConfiguration;
import software.amazon.cryptography.keystore.model.KeyStoreConfig;
import software.amazon.cryptography.keystore.model.VersionKeyInput;

/** The branch key stores of hierarchical keyrings, and what is done in them. */
final class KeyStores {
  private KeyStores() {}

  static KeyStore of(JsonNode k) {
    return KeyStore.builder()
        .KeyStoreConfig(
            KeyStoreConfig.builder()
                .ddbTableName(k.get("keyStoreTable").asText())
                .logicalKeyStoreName(k.get("logicalKeyStoreName").asText())
                .kmsConfiguration(
                    KMSConfiguration.builder().kmsKeyArn(k.get("keyARN").asText()).build())
                .ddbClient(Clients.dynamodb(k))
                .kmsClient(Clients.kms(k))
                .build())
        .build();
  }

  /** The table may be there already: the client then only checks its key schema. */
  static void createStore(JsonNode k) {
    of(k).CreateKeyStore(CreateKeyStoreInput.builder().build());
  }

  static String createBranchKey(JsonNode request) {
    JsonNode k = request.get("keyring");
    CreateKeyInput.Builder key = CreateKeyInput.builder();
    if (!k.path("branchKeyID").asText().isEmpty()) {
      key.branchKeyIdentifier(k.get("branchKeyID").asText());
    }
    if (request.hasNonNull("encryptionContext")) {
      Map<String, String> context = new HashMap<>();
      request
          .get("encryptionContext")
          .fields()
          .forEachRemaining(f -> context.put(f.getKey(), f.getValue().asText()));
      key.encryptionContext(context);
    }
    return of(k).CreateKey(key.build()).branchKeyIdentifier();
  }

  static void rotateBranchKey(JsonNode k) {
    of(k)
        .VersionKey(
            VersionKeyInput.builder().branchKeyIdentifier(k.get("branchKeyID").asText()).build());
  }
}
