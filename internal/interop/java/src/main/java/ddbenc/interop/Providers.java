package ddbenc.interop;

import com.amazonaws.auth.AWSStaticCredentialsProvider;
import com.amazonaws.auth.BasicAWSCredentials;
import com.amazonaws.client.builder.AwsClientBuilder.EndpointConfiguration;
import com.amazonaws.services.dynamodbv2.AmazonDynamoDBClientBuilder;
import com.amazonaws.services.dynamodbv2.datamodeling.encryption.DynamoDBEncryptor;
import com.amazonaws.services.dynamodbv2.datamodeling.encryption.providers.CachingMostRecentProvider;
import com.amazonaws.services.dynamodbv2.datamodeling.encryption.providers.DirectKmsMaterialProvider;
import com.amazonaws.services.dynamodbv2.datamodeling.encryption.providers.EncryptionMaterialsProvider;
import com.amazonaws.services.dynamodbv2.datamodeling.encryption.providers.SymmetricStaticProvider;
import com.amazonaws.services.dynamodbv2.datamodeling.encryption.providers.WrappedMaterialsProvider;
import com.amazonaws.services.dynamodbv2.datamodeling.encryption.providers.store.MetaStore;
import com.amazonaws.services.kms.AWSKMSClientBuilder;
import com.fasterxml.jackson.databind.JsonNode;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Base64;
import java.util.Collections;
import java.util.concurrent.TimeUnit;
import javax.crypto.SecretKey;
import javax.crypto.spec.SecretKeySpec;

/** The client's providers, as a request describes them. */
final class Providers {
  private static final AWSStaticCredentialsProvider CREDENTIALS =
      new AWSStaticCredentialsProvider(new BasicAWSCredentials("local", "local"));

  private Providers() {}

  static EncryptionMaterialsProvider of(JsonNode p) throws GeneralSecurityException {
    switch (p.get("kind").asText()) {
      case "static":
        return new SymmetricStaticProvider(encryptionKey(p), signingKey(p));
      case "wrapped-aes":
        return wrappedAES(p);
      case "wrapped-rsa":
        KeyPair pair = pair(p, "RSA", "privateKey", "publicKey");
        return new WrappedMaterialsProvider(pair.getPublic(), pair.getPrivate(), pair);
      case "kms":
        return new DirectKmsMaterialProvider(
            AWSKMSClientBuilder.standard()
                .withCredentials(CREDENTIALS)
                .withEndpointConfiguration(endpoint(p, "kmsEndpoint"))
                .build(),
            p.get("kmsKeyID").asText());
      case "most-recent":
        MetaStore store =
            new MetaStore(
                AmazonDynamoDBClientBuilder.standard()
                    .withCredentials(CREDENTIALS)
                    .withEndpointConfiguration(endpoint(p, "dynamodbEndpoint"))
                    .build(),
                p.get("metaTable").asText(),
                DynamoDBEncryptor.getInstance(wrappedAES(p)));
        return new CachingMostRecentProvider(
            store, p.get("materialName").asText(), TimeUnit.MINUTES.toMillis(10));
      default:
        throw new IllegalArgumentException("unknown provider " + p.get("kind").asText());
    }
  }

  /** Items are signed with an HMAC, or with a key pair if there is one. */
  private static EncryptionMaterialsProvider wrappedAES(JsonNode p)
      throws GeneralSecurityException {
    SecretKey key = encryptionKey(p);
    if (p.hasNonNull("signingPrivateKey")) {
      String algorithm = p.get("signingAlgorithm").asText();
      KeyPair pair =
          pair(
              p,
              algorithm.endsWith("ECDSA") ? "EC" : "RSA",
              "signingPrivateKey",
              "signingPublicKey");
      return new WrappedMaterialsProvider(
          key, key, pair, Collections.singletonMap("amzn-ddb-map-signingAlg", algorithm));
    }
    return new WrappedMaterialsProvider(key, key, signingKey(p));
  }

  private static SecretKey encryptionKey(JsonNode p) {
    return new SecretKeySpec(bytes(p, "encryptionKey"), "AES");
  }

  private static SecretKey signingKey(JsonNode p) {
    return new SecretKeySpec(
        bytes(p, "signingKey"), p.path("signingAlgorithm").asText("HmacSHA256"));
  }

  private static KeyPair pair(JsonNode p, String kind, String privateKey, String publicKey)
      throws GeneralSecurityException {
    KeyFactory keys = KeyFactory.getInstance(kind);
    return new KeyPair(
        keys.generatePublic(new X509EncodedKeySpec(bytes(p, publicKey))),
        keys.generatePrivate(new PKCS8EncodedKeySpec(bytes(p, privateKey))));
  }

  private static EndpointConfiguration endpoint(JsonNode p, String name) {
    return new EndpointConfiguration(p.get(name).asText(), p.get("region").asText());
  }

  private static byte[] bytes(JsonNode p, String name) {
    return Base64.getDecoder().decode(p.get(name).asText());
  }
}
