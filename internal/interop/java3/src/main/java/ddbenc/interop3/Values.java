package ddbenc.interop3;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

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
    switch (type) {
      case "S":
        return AttributeValue.fromS(v.asText());
      case "N":
        return AttributeValue.fromN(v.asText());
      case "B":
        return AttributeValue.fromB(bytes(v));
      case "BOOL":
        return AttributeValue.fromBool(v.asBoolean());
      case "NULL":
        return AttributeValue.fromNul(v.asBoolean());
      case "SS":
        return AttributeValue.fromSs(texts(v));
      case "NS":
        return AttributeValue.fromNs(texts(v));
      case "BS":
        List<SdkBytes> binaries = new ArrayList<>();
        v.forEach(e -> binaries.add(bytes(e)));
        return AttributeValue.fromBs(binaries);
      case "L":
        List<AttributeValue> list = new ArrayList<>();
        v.forEach(e -> list.add(value(e)));
        return AttributeValue.fromL(list);
      case "M":
        return AttributeValue.fromM(item(v));
      default:
        throw new IllegalArgumentException("unknown type " + type);
    }
  }

  private static SdkBytes bytes(JsonNode node) {
    return SdkBytes.fromByteArray(Base64.getDecoder().decode(node.asText()));
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
    switch (v.type()) {
      case S:
        return node.put("S", v.s());
      case N:
        return node.put("N", v.n());
      case B:
        return node.put("B", base64(v.b()));
      case BOOL:
        return node.put("BOOL", v.bool());
      case NUL:
        return node.put("NULL", v.nul());
      case SS:
        v.ss().forEach(node.putArray("SS")::add);
        return node;
      case NS:
        v.ns().forEach(node.putArray("NS")::add);
        return node;
      case BS:
        ArrayNode binaries = node.putArray("BS");
        v.bs().forEach(b -> binaries.add(base64(b)));
        return node;
      case L:
        ArrayNode list = node.putArray("L");
        v.l().forEach(e -> list.add(json(e)));
        return node;
      case M:
        return node.set("M", json(v.m()));
      default:
        throw new IllegalArgumentException("a value without a type");
    }
  }

  private static String base64(SdkBytes bytes) {
    return Base64.getEncoder().encodeToString(bytes.asByteArray());
  }
}
