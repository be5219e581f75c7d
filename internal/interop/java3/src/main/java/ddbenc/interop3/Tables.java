package ddbenc.interop3;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.QueryRequest;
import software.amazon.awssdk.services.dynamodb.model.ScanRequest;
import software.amazon.cryptography.dbencryptionsdk.dynamodb.DynamoDbEncryptionInterceptor;
import software.amazon.cryptography.dbencryptionsdk.dynamodb.model.DynamoDbTableEncryptionConfig;
import software.amazon.cryptography.dbencryptionsdk.dynamodb.model.DynamoDbTablesEncryptionConfig;

/** Tables with beacons: what is put in them and found in them with the client's interceptor. */
final class Tables {
  private final Keyrings keyrings;
  private final Sent sent = new Sent();
  private final Map<JsonNode, DynamoDbClient> made = new HashMap<>();

  Tables(Keyrings keyrings) {
    this.keyrings = keyrings;
  }

  /** Returns the item as it is stored. */
  Map<String, AttributeValue> put(JsonNode request) {
    Map<String, AttributeValue> item = Values.item(request.get("item"));
    String table = request.get("table").asText();
    client(request).putItem(put -> put.tableName(table).item(item));
    return Clients.dynamodb(request.get("keyring"))
        .getItem(get -> get.tableName(table).key(sent.key(request)).consistentRead(true))
        .item();
  }

  /** Returns the opened item with a key. */
  Map<String, AttributeValue> get(JsonNode request) {
    return client(request)
        .getItem(
            get ->
                get.tableName(request.get("table").asText())
                    .key(Values.item(request.get("item")))
                    .consistentRead(true))
        .item();
  }

  /** Returns the opened items. Without a key condition, it scans. */
  List<Map<String, AttributeValue>> query(JsonNode request) {
    String table = request.get("table").asText();
    JsonNode query = request.get("query");
    String filter = text(query, "filter");
    String index = text(query, "index");
    Map<String, String> names = new HashMap<>();
    query.path("names").fields().forEachRemaining(f -> names.put(f.getKey(), f.getValue().asText()));
    Map<String, AttributeValue> values = Values.item(query.path("values"));
    List<Map<String, AttributeValue>> items = new ArrayList<>();
    if (query.hasNonNull("keyCondition")) {
      QueryRequest.Builder in =
          QueryRequest.builder()
              .tableName(table)
              .indexName(index)
              .keyConditionExpression(query.get("keyCondition").asText())
              .filterExpression(filter)
              .expressionAttributeValues(values);
      if (!names.isEmpty()) {
        in.expressionAttributeNames(names);
      }
      client(request).queryPaginator(in.build()).forEach(page -> items.addAll(page.items()));
      return items;
    }
    ScanRequest.Builder in =
        ScanRequest.builder().tableName(table).indexName(index).filterExpression(filter);
    if (!names.isEmpty()) {
      in.expressionAttributeNames(names);
    }
    if (!values.isEmpty()) {
      in.expressionAttributeValues(values);
    }
    client(request).scanPaginator(in.build()).forEach(page -> items.addAll(page.items()));
    return items;
  }

  /** The values of the last query as they were sent, none if it was refused before. */
  Map<String, AttributeValue> takeSentValues() {
    return sent.takeValues();
  }

  private static String text(JsonNode query, String name) {
    return query.hasNonNull(name) ? query.get(name).asText() : null;
  }

  /** The clients are kept, for requests repeat. */
  private DynamoDbClient client(JsonNode request) {
    ObjectNode settings = request.deepCopy();
    settings.remove(List.of("op", "item", "query"));
    DynamoDbClient client = made.get(settings);
    if (client == null) {
      DynamoDbEncryptionInterceptor interceptor =
          DynamoDbEncryptionInterceptor.builder()
              .config(
                  DynamoDbTablesEncryptionConfig.builder()
                      .tableEncryptionConfigs(
                          Map.of(settings.get("table").asText(), config(settings)))
                      .build())
              .build();
      client = Clients.dynamodb(settings.get("keyring"), interceptor, sent);
      made.put(settings, client);
    }
    return client;
  }

  private DynamoDbTableEncryptionConfig config(JsonNode settings) {
    JsonNode keyring = settings.get("keyring");
    DynamoDbTableEncryptionConfig.Builder config =
        DynamoDbTableEncryptionConfig.builder()
            .logicalTableName(settings.get("table").asText())
            .partitionKeyName(settings.get("partitionKey").asText())
            .attributeActionsOnEncrypt(Encryptors.actions(settings))
            .keyring(keyrings.get(keyring))
            .search(Beacons.search(settings.get("search"), keyring));
    if (!settings.path("sortKey").asText().isEmpty()) {
      config.sortKeyName(settings.get("sortKey").asText());
    }
    if (!settings.path("unsigned").isEmpty()) {
      List<String> unsigned = new ArrayList<>();
      settings.get("unsigned").forEach(name -> unsigned.add(name.asText()));
      config.allowedUnsignedAttributes(unsigned);
    }
    return config.build();
  }
}
