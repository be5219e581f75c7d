package ddbenc.interop3;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.HashMap;
import java.util.Map;
import software.amazon.awssdk.core.interceptor.Context;
import software.amazon.awssdk.core.interceptor.ExecutionAttributes;
import software.amazon.awssdk.core.interceptor.ExecutionInterceptor;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.PutItemRequest;
import software.amazon.awssdk.services.dynamodb.model.QueryRequest;
import software.amazon.awssdk.services.dynamodb.model.ScanRequest;

/**
 * Remembers what was sent last: an item, whose key may be a signed beacon, or the values of a
 * query, which are beacons.
 */
final class Sent implements ExecutionInterceptor {
  private Map<String, AttributeValue> item = Map.of();
  private Map<String, AttributeValue> values = Map.of();

  @Override
  public void beforeMarshalling(Context.BeforeMarshalling context, ExecutionAttributes attributes) {
    if (context.request() instanceof PutItemRequest) {
      item = ((PutItemRequest) context.request()).item();
    } else if (context.request() instanceof QueryRequest) {
      values = ((QueryRequest) context.request()).expressionAttributeValues();
    } else if (context.request() instanceof ScanRequest) {
      values = ((ScanRequest) context.request()).expressionAttributeValues();
    }
  }

  /** The values since the last time. */
  Map<String, AttributeValue> takeValues() {
    Map<String, AttributeValue> taken = values;
    values = Map.of();
    return taken;
  }

  Map<String, AttributeValue> key(JsonNode request) {
    Map<String, AttributeValue> key = new HashMap<>();
    for (String role : new String[] {"partitionKey", "sortKey"}) {
      String name = request.path(role).asText();
      if (!name.isEmpty()) {
        key.put(name, item.get(name));
      }
    }
    return key;
  }
}
