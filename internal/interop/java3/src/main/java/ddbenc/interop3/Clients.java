package ddbenc.interop3;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.URI;
import java.util.List;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.core.interceptor.ExecutionInterceptor;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.kms.KmsClient;

/** Clients of the endpoints that a keyring's description names. */
final class Clients {
  private static final StaticCredentialsProvider CREDENTIALS =
      StaticCredentialsProvider.create(AwsBasicCredentials.create("local", "local"));

  private Clients() {}

  static KmsClient kms(JsonNode k) {
    return KmsClient.builder()
        .credentialsProvider(CREDENTIALS)
        .region(Region.of(k.get("region").asText()))
        .endpointOverride(URI.create(k.get("endpoint").asText()))
        .build();
  }

  static DynamoDbClient dynamodb(JsonNode k, ExecutionInterceptor... interceptors) {
    return DynamoDbClient.builder()
        .overrideConfiguration(
            c ->
                c.executionInterceptors(List.of(interceptors))
                    .retryStrategy(AwsRetryStrategy.doNotRetry()))
        .credentialsProvider(CREDENTIALS)
        .region(Region.of(k.get("region").asText()))
        .endpointOverride(URI.create(k.get("dynamodbEndpoint").asText()))
        .build();
  }
}
