package ddbenc.interop3;

import com.amazon.corretto.crypto.provider.AmazonCorrettoCryptoProvider;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.cryptography.dbencryptionsdk.dynamodb.itemencryptor.DynamoDbItemEncryptor;
import software.amazon.cryptography.dbencryptionsdk.dynamodb.itemencryptor.model.DecryptItemInput;
import software.amazon.cryptography.dbencryptionsdk.dynamodb.itemencryptor.model.EncryptItemInput;

/**
 * Encrypts and decrypts items, and searches tables, with the official Java client for the Go test.
 * Reads a JSON request a line, writes a JSON response a line.
 */
public final class Main {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Keyrings keyrings = new Keyrings();
  private final Encryptors encryptors = new Encryptors(keyrings);
  private final Tables tables = new Tables(keyrings);

  private Main() {}

  public static void main(String[] args) throws Exception {
    PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    System.setOut(System.err); // what the client prints is no response
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    if (Boolean.getBoolean("ddbenc.accp")) {
      AmazonCorrettoCryptoProvider.install();
      AmazonCorrettoCryptoProvider.INSTANCE.assertHealthy();
    }
    Main main = new Main();
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      ObjectNode response = JSON.createObjectNode();
      try {
        main.handle(JSON.readTree(line), response);
      } catch (Exception e) { // whatever it is, the Go test wants to know
        response.put("error", e.toString());
      }
      out.println(JSON.writeValueAsString(response));
    }
  }

  private void handle(JsonNode request, ObjectNode response) throws Exception {
    switch (request.get("op").asText()) {
      case "encrypt":
      case "decrypt":
        response.set(
            "item", Values.json(operation(request.get("op").asText(), request).run()));
        break;
      case "bench":
        JsonNode bench = request.get("bench");
        response.set(
            "item",
            Values.json(
                Bench.measure(bench, response, operation(bench.get("op").asText(), request))));
        response.put("runtime", Bench.runtime());
        break;
      case "put":
        response.set("item", Values.json(tables.put(request)));
        break;
      case "get":
        response.set("item", Values.json(tables.get(request)));
        break;
      case "query":
        query(request, response);
        break;
      case "create-store":
        KeyStores.createStore(request.get("keyring"));
        break;
      case "create-branch-key":
        response.put("branchKeyID", KeyStores.createBranchKey(request));
        break;
      case "rotate-branch-key":
        KeyStores.rotateBranchKey(request.get("keyring"));
        break;
      default:
        throw new IllegalArgumentException("unknown operation " + request.get("op").asText());
    }
  }

  private Bench.Operation<Map<String, AttributeValue>> operation(String op, JsonNode request) {
    DynamoDbItemEncryptor encryptor = encryptors.get(request);
    Map<String, AttributeValue> item = Values.item(request.get("item"));
    if (op.equals("encrypt")) {
      EncryptItemInput plaintext = EncryptItemInput.builder().plaintextItem(item).build();
      return () -> encryptor.EncryptItem(plaintext).encryptedItem();
    }
    DecryptItemInput encrypted = DecryptItemInput.builder().encryptedItem(item).build();
    return () -> encryptor.DecryptItem(encrypted).plaintextItem();
  }

  private void query(JsonNode request, ObjectNode response) {
    try {
      ArrayNode items = response.putArray("items");
      tables.query(request).forEach(item -> items.add(Values.json(item)));
    } finally { // it may be sent, and then fail to make something of the answer
      response.set("sent", Values.json(tables.takeSentValues()));
    }
  }
}
