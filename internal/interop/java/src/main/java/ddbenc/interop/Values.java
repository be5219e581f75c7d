package ddbenc.interop;

import com.amazonaws.services.dynamodbv2.model.AttributeValue;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** DynamoDB JSON, whose binaries are base64, from and to the SDK's values. */
final class Values {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private Values() {}

  static Map<String, AttributeValue> item(JsonNode node) {
    Map<String, AttributeValue> item = new HashMap<>();
    node.fields().forEachRemaining(f -> item.put(f.getKey(), value(f.getValue())));
    return item;
  }

  private static AttributeValue value(JsonNode node) {
    String type = node.fieldNames().next();
    JsonNode v = node.get(type);
    AttributeValue value = new AttributeValue();
    switch (type) {
      case "S":
        return value.withS(v.asText());
      case "N":
        return value.withN(v.asText());
      case "B":
        return value.withB(bytes(v));
      case "BOOL":
        return value.withBOOL(v.asBoolean());
      case "NULL":
        return value.withNULL(v.asBoolean());
      case "SS":
        return value.withSS(texts(v));
      case "NS":
        return value.withNS(texts(v));
      case "BS":
        List<ByteBuffer> binaries = new ArrayList<>();
        v.forEach(e -> binaries.add(bytes(e)));
        return value.withBS(binaries);
      case "L":
        List<AttributeValue> list = new ArrayList<>();
        v.forEach(e -> list.add(value(e)));
        return value.withL(list);
      case "M":
        return value.withM(item(v));
      default:
        throw new IllegalArgumentException("unknown type " + type);
    }
  }

  private static ByteBuffer bytes(JsonNode node) {
    return ByteBuffer.wrap(Base64.getDecoder().decode(node.asText()));
  }

  private static List<String> texts(JsonNode node) {
    List<String> texts = new ArrayList<>();
    node.forEach(e -> texts.add(e.asText()));
    return texts;
  }

  static ObjectNode json(Map<String, AttributeValue> item) {
    ObjectNode node = JSON.objectNode();
    item.forEach((name, v) -> node.set(name, json(v)));
    return node;
  }

  private static ObjectNode json(AttributeValue v) {
    ObjectNode node = JSON.objectNode();
    if (v.getS() != null) {
      node.put("S", v.getS());
    } else if (v.getN() != null) {
      node.put("N", v.getN());
    } else if (v.getB() != null) {
      node.put("B", base64(v.getB()));
    } else if (v.getBOOL() != null) {
      node.put("BOOL", v.getBOOL());
    } else if (v.getNULL() != null) {
      node.put("NULL", v.getNULL());
    } else if (v.getSS() != null) {
      v.getSS().forEach(node.putArray("SS")::add);
    } else if (v.getNS() != null) {
      v.getNS().forEach(node.putArray("NS")::add);
    } else if (v.getBS() != null) {
      ArrayNode binaries = node.putArray("BS");
      v.getBS().forEach(b -> binaries.add(base64(b)));
    } else if (v.getL() != null) {
      ArrayNode list = node.putArray("L");
      v.getL().forEach(e -> list.add(json(e)));
    } else if (v.getM() != null) {
      node.set("M", json(v.getM()));
    } else {
      throw new IllegalArgumentException("a value without a type");
    }
    return node;
  }

  private static String base64(ByteBuffer buffer) {
    byte[] bytes = new byte[buffer.remaining()];
    buffer.duplicate().get(bytes);
    return Base64.getEncoder().encodeToString(bytes);
  }
}
