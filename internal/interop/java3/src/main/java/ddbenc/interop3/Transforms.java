package ddbenc.interop3;

import com.fasterxml.jackson.databind.JsonNode;
import software.amazon.cryptography.dbencryptionsdk.dynamodb.model.GetPrefix;
import software.amazon.cryptography.dbencryptionsdk.dynamodb.model.GetSegment;
import software.amazon.cryptography.dbencryptionsdk.dynamodb.model.GetSegments;
import software.amazon.cryptography.dbencryptionsdk.dynamodb.model.GetSubstring;
import software.amazon.cryptography.dbencryptionsdk.dynamodb.model.GetSuffix;
import software.amazon.cryptography.dbencryptionsdk.dynamodb.model.Insert;
import software.amazon.cryptography.dbencryptionsdk.dynamodb.model.Lower;
import software.amazon.cryptography.dbencryptionsdk.dynamodb.model.Upper;
import software.amazon.cryptography.dbencryptionsdk.dynamodb.model.VirtualTransform;

/** The transforms of virtual fields, as requests describe them. */
final class Transforms {
  private Transforms() {}

  static VirtualTransform of(JsonNode node) {
    String kind = node.fieldNames().next();
    JsonNode v = node.get(kind);
    VirtualTransform.Builder transform = VirtualTransform.builder();
    switch (kind) {
      case "upper":
        return transform.upper(Upper.builder().build()).build();
      case "lower":
        return transform.lower(Lower.builder().build()).build();
      case "insert":
        return transform.insert(Insert.builder().literal(v.asText()).build()).build();
      case "prefix":
        return transform.prefix(GetPrefix.builder().length(v.asInt()).build()).build();
      case "suffix":
        return transform.suffix(GetSuffix.builder().length(v.asInt()).build()).build();
      case "substring":
        return transform
            .substring(
                GetSubstring.builder()
                    .low(v.path("low").asInt())
                    .high(v.path("high").asInt())
                    .build())
            .build();
      case "segment":
        return transform
            .segment(
                GetSegment.builder()
                    .split(v.get("split").asText())
                    .index(v.path("index").asInt())
                    .build())
            .build();
      case "segments":
        return transform
            .segments(
                GetSegments.builder()
                    .split(v.get("split").asText())
                    .low(v.path("low").asInt())
                    .high(v.path("high").asInt())
                    .build())
            .build();
      default:
        throw new IllegalArgumentException("unknown transform " + kind);
    }
  }
}
