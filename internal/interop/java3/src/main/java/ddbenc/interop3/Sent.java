package ddbenc.interop3;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.HashMap;
import java.util.Map;
import software.amazon.awssdk.core.interceptor.Context;
import software.amazon.awssdk.core.interceptor.ExecutionAttributes;
import software.amazon.awssdk.core.interceptor.ExecutionInterceptor;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.PutItemRequest;

/** Remembers the item that was sent last, whose key may be a signed beacon. */
final class Sent implements ExecutionInterceptor {
  private Map<String, AttributeValue> item;

  @Override
  public void beforeMarshalling(Context.BeforeMarshalling context, ExecutionAttributes attributes) {
    if (context.request() instanceof PutItemRequest) {
      item = ((PutItemRequest) context.request()).item();
    }
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
