package ddbenc.interop3;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import software.amazon.awssdk.services.kms.model.EncryptionAlgorithmSpec;
import software.amazon.cryptography.materialproviders.IKeyring;
import software.amazon.cryptography.materialproviders.MaterialProviders;
import software.amazon.cryptography.materialproviders.model.AesWrappingAlg;
import software.amazon.cryptography.materialproviders.model.CreateAwsKmsDiscoveryKeyringInput;
import software.amazon.cryptography.materialproviders.model.CreateAwsKmsHierarchicalKeyringInput;
import software.amazon.cryptography.materialproviders.model.CreateAwsKmsKeyringInput;
import software.amazon.cryptography.materialproviders.model.CreateAwsKmsMrkKeyringInput;
import software.amazon.cryptography.materialproviders.model.CreateAwsKmsRsaKeyringInput;
import software.amazon.cryptography.materialproviders.model.CreateMultiKeyringInput;
import software.amazon.cryptography.materialproviders.model.CreateRawAesKeyringInput;
import software.amazon.cryptography.materialproviders.model.CreateRawRsaKeyringInput;
import software.amazon.cryptography.materialproviders.model.DiscoveryFilter;
import software.amazon.cryptography.materialproviders.model.MaterialProvidersConfig;
import software.amazon.cryptography.materialproviders.model.PaddingScheme;

/**
 * The client's keyrings, as requests describe them. They are kept, for a hierarchical keyring has a
 * cache of its own.
 */
final class Keyrings {
  private final MaterialProviders providers =
      MaterialProviders.builder()
          .MaterialProvidersConfig(MaterialProvidersConfig.builder().build())
          .build();
  private final Map<JsonNode, IKeyring> made = new HashMap<>();

  IKeyring get(JsonNode k) {
    IKeyring keyring = made.get(k);
    if (keyring == null) {
      keyring = make(k);
      made.put(k, keyring);
    }
    return keyring;
  }

  private IKeyring make(JsonNode k) {
    switch (k.get("kind").asText()) {
      case "raw-aes":
        return rawAES(k);
      case "raw-rsa":
        return providers.CreateRawRsaKeyring(
            CreateRawRsaKeyringInput.builder()
                .keyNamespace(k.get("namespace").asText())
                .keyName(k.get("name").asText())
                .paddingScheme(PaddingScheme.valueOf(k.get("padding").asText()))
                .publicKey(pem(k, "publicKey", "PUBLIC KEY"))
                .privateKey(pem(k, "privateKey", "PRIVATE KEY"))
                .build());
      case "kms":
        return providers.CreateAwsKmsKeyring(
            CreateAwsKmsKeyringInput.builder()
                .kmsKeyId(k.get("keyARN").asText())
                .kmsClient(Clients.kms(k))
                .build());
      case "kms-mrk":
        return providers.CreateAwsKmsMrkKeyring(
            CreateAwsKmsMrkKeyringInput.builder()
                .kmsKeyId(k.get("keyARN").asText())
                .kmsClient(Clients.kms(k))
                .build());
      case "kms-discovery":
        return discovery(k);
      case "kms-rsa":
        return providers.CreateAwsKmsRsaKeyring(
            CreateAwsKmsRsaKeyringInput.builder()
                .kmsKeyId(k.get("keyARN").asText())
                .publicKey(pem(k, "publicKey", "PUBLIC KEY"))
                .encryptionAlgorithm(
                    EncryptionAlgorithmSpec.fromValue(k.get("algorithm").asText()))
                .kmsClient(Clients.kms(k))
                .build());
      case "multi":
        return multi(k);
      case "hierarchical":
        return hierarchical(k);
      default:
        throw new IllegalArgumentException("unknown keyring " + k.get("kind").asText());
    }
  }

  private IKeyring rawAES(JsonNode k) {
    byte[] key = bytes(k, "key");
    return providers.CreateRawAesKeyring(
        CreateRawAesKeyringInput.builder()
            .keyNamespace(k.get("namespace").asText())
            .keyName(k.get("name").asText())
            .wrappingKey(ByteBuffer.wrap(key))
            .wrappingAlg(wrapping(key.length))
            .build());
  }

  private static AesWrappingAlg wrapping(int bytes) {
    switch (bytes) {
      case 16:
        return AesWrappingAlg.ALG_AES128_GCM_IV12_TAG16;
      case 24:
        return AesWrappingAlg.ALG_AES192_GCM_IV12_TAG16;
      case 32:
        return AesWrappingAlg.ALG_AES256_GCM_IV12_TAG16;
      default:
        throw new IllegalArgumentException("an AES key of " + bytes + " bytes");
    }
  }

  private IKeyring discovery(JsonNode k) {
    List<String> accounts = new ArrayList<>();
    k.get("accounts").forEach(a -> accounts.add(a.asText()));
    return providers.CreateAwsKmsDiscoveryKeyring(
        CreateAwsKmsDiscoveryKeyringInput.builder()
            .discoveryFilter(
                DiscoveryFilter.builder()
                    .partition(k.get("partition").asText())
                    .accountIds(accounts)
                    .build())
            .kmsClient(Clients.kms(k))
            .build());
  }

  /** With one branch key, or with one for each tenant. */
  private IKeyring hierarchical(JsonNode k) {
    CreateAwsKmsHierarchicalKeyringInput.Builder keyring =
        CreateAwsKmsHierarchicalKeyringInput.builder()
            .keyStore(KeyStores.of(k))
            .ttlSeconds(k.get("ttlSeconds").asLong());
    if (k.hasNonNull("tenants")) {
      keyring.branchKeyIdSupplier(Tenants.supplier(k.get("tenants")));
    } else {
      keyring.branchKeyId(k.get("branchKeyID").asText());
    }
    return providers.CreateAwsKmsHierarchicalKeyring(keyring.build());
  }

  private IKeyring multi(JsonNode k) {
    List<IKeyring> children = new ArrayList<>();
    k.path("children").forEach(child -> children.add(get(child)));
    CreateMultiKeyringInput.Builder multi =
        CreateMultiKeyringInput.builder().childKeyrings(children);
    if (k.hasNonNull("generator")) {
      multi.generator(get(k.get("generator")));
    }
    return providers.CreateMultiKeyring(multi.build());
  }

  /** The client reads keys as PEM. */
  private static ByteBuffer pem(JsonNode k, String name, String label) {
    String body =
        Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(bytes(k, name));
    return StandardCharsets.US_ASCII.encode(
        "-----BEGIN " + label + "-----\n" + body + "\n-----END " + label + "-----\n");
  }

  private static byte[] bytes(JsonNode k, String name) {
    return Base64.getDecoder().decode(k.get(name).asText());
  }
}
