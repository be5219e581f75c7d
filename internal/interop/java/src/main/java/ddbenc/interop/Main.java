package ddbenc.interop;

import com.amazonaws.services.dynamodbv2.datamodeling.encryption.DynamoDBEncryptor;
import com.amazonaws.services.dynamodbv2.datamodeling.encryption.EncryptionContext;
import com.amazonaws.services.dynamodbv2.datamodeling.encryption.EncryptionFlags;
import com.amazonaws.services.dynamodbv2.model.AttributeValue;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * Seals and opens items with the official Java client, for the Go test. Reads a JSON request a
 * line, writes a JSON response a line.
 */
public final class Main {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Map<JsonNode, DynamoDBEncryptor> ENCRYPTORS = new HashMap<>();

  private Main() {}

  public static void main(String[] args) throws Exception {
    PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    System.setOut(System.err); // what the client prints is no response
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      ObjectNode response = JSON.createObjectNode();
      try {
        handle(JSON.readTree(line), response);
      } catch (Exception e) { // whatever it is, the Go test wants to know
        response.put("error", e.toString());
      }
      out.println(JSON.writeValueAsString(response));
    }
  }

  private static void handle(JsonNode request, ObjectNode response) throws Exception {
    JsonNode provider = request.get("provider");
    DynamoDBEncryptor encryptor = ENCRYPTORS.get(provider);
    if (encryptor == null) {
      encryptor = DynamoDBEncryptor.getInstance(Providers.of(provider));
      ENCRYPTORS.put(provider, encryptor);
    }
    Map<String, AttributeValue> item = Values.item(request.get("item"));
    EncryptionContext.Builder context =
        new EncryptionContext.Builder()
            .withTableName(request.get("table").asText())
            .withHashKeyName(request.get("partitionKey").asText())
            .withAttributeValues(item);
    if (!request.get("sortKey").asText().isEmpty()) {
      context.withRangeKeyName(request.get("sortKey").asText());
    }
    Map<String, Set<EncryptionFlags>> flags = new HashMap<>();
    for (String name : item.keySet()) {
      if (name.equals(encryptor.getSignatureFieldName())
          || name.equals(encryptor.getMaterialDescriptionFieldName())) {
        continue;
      }
      JsonNode action = request.get("actions").get(name);
      flags.put(name, flags((action == null ? request.get("default") : action).asText()));
    }
    JsonNode bench = request.get("bench");
    String op = (bench == null ? request : bench).get("op").asText();
    Bench.Operation<Map<String, AttributeValue>> operation =
        operation(op, encryptor, item, flags, context.build());
    Map<String, AttributeValue> result;
    if (bench == null) {
      result = operation.run();
    } else {
      result = Bench.measure(bench, response, operation);
      response.put("runtime", Bench.runtime());
    }
    response.set("item", Values.json(result));
  }

  private static Bench.Operation<Map<String, AttributeValue>> operation(
      String op,
      DynamoDBEncryptor encryptor,
      Map<String, AttributeValue> item,
      Map<String, Set<EncryptionFlags>> flags,
      EncryptionContext context) {
    if (op.equals("encrypt")) {
      return () -> encryptor.encryptRecord(item, flags, context);
    }
    return () -> encryptor.decryptRecord(item, flags, context);
  }

  private static Set<EncryptionFlags> flags(String action) {
    switch (action) {
      case "encrypt":
        return EnumSet.of(EncryptionFlags.ENCRYPT, EncryptionFlags.SIGN);
      case "sign":
        return EnumSet.of(EncryptionFlags.SIGN);
      case "none":
        return EnumSet.noneOf(EncryptionFlags.class);
      default:
        throw new IllegalArgumentException("unknown action " + action);
    }
  }
}
