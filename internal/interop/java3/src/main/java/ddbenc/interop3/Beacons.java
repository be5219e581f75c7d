package ddbenc.interop3;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import software.amazon.cryptography.dbencryptionsdk.dynamodb.model.AsSet;
import software.amazon.cryptography.dbencryptionsdk.dynamodb.model.BeaconKeySource;
import software.amazon.cryptography.dbencryptionsdk.dynamodb.model.BeaconStyle;
import software.amazon.cryptography.dbencryptionsdk.dynamodb.model.BeaconVersion;
import software.amazon.cryptography.dbencryptionsdk.dynamodb.model.CompoundBeacon;
import software.amazon.cryptography.dbencryptionsdk.dynamodb.model.Constructor;
import software.amazon.cryptography.dbencryptionsdk.dynamodb.model.ConstructorPart;
import software.amazon.cryptography.dbencryptionsdk.dynamodb.model.EncryptedPart;
import software.amazon.cryptography.dbencryptionsdk.dynamodb.model.MultiKeyStore;
import software.amazon.cryptography.dbencryptionsdk.dynamodb.model.PartOnly;
import software.amazon.cryptography.dbencryptionsdk.dynamodb.model.SearchConfig;
import software.amazon.cryptography.dbencryptionsdk.dynamodb.model.Shared;
import software.amazon.cryptography.dbencryptionsdk.dynamodb.model.SharedSet;
import software.amazon.cryptography.dbencryptionsdk.dynamodb.model.SignedPart;
import software.amazon.cryptography.dbencryptionsdk.dynamodb.model.SingleKeyStore;
import software.amazon.cryptography.dbencryptionsdk.dynamodb.model.StandardBeacon;
import software.amazon.cryptography.dbencryptionsdk.dynamodb.model.VirtualField;
import software.amazon.cryptography.dbencryptionsdk.dynamodb.model.VirtualPart;

/** Search configurations, as requests describe them: in the JSON of Go's beacon.Config. */
final class Beacons {
  private static final int TTL_SECONDS = 600;

  private Beacons() {}

  /** The key store is the keyring's. */
  static SearchConfig search(JsonNode search, JsonNode keyring) {
    JsonNode config = search.get("config");
    BeaconVersion.Builder version =
        BeaconVersion.builder()
            .version(1)
            .keyStore(KeyStores.of(keyring))
            .keySource(keySource(search))
            .standardBeacons(all(config.path("standard"), Beacons::standard));
    // Absent means none in a request, while the client refuses empty lists.
    if (config.has("compound")) {
      version.compoundBeacons(all(config.get("compound"), Beacons::compound));
    }
    if (config.has("virtual")) {
      version.virtualFields(all(config.get("virtual"), Beacons::virtual));
    }
    if (config.has("encryptedParts")) {
      version.encryptedParts(all(config.get("encryptedParts"), Beacons::encryptedPart));
    }
    if (config.has("signedParts")) {
      version.signedParts(all(config.get("signedParts"), Beacons::signedPart));
    }
    return SearchConfig.builder().writeVersion(1).versions(List.of(version.build())).build();
  }

  private static BeaconKeySource keySource(JsonNode search) {
    BeaconKeySource.Builder source = BeaconKeySource.builder();
    if (search.hasNonNull("keyField")) {
      return source
          .multi(
              MultiKeyStore.builder()
                  .keyFieldName(search.get("keyField").asText())
                  .cacheTTL(TTL_SECONDS)
                  .build())
          .build();
    }
    return source
        .single(
            SingleKeyStore.builder()
                .keyId(search.get("branchKeyID").asText())
                .cacheTTL(TTL_SECONDS)
                .build())
        .build();
  }

  private static StandardBeacon standard(JsonNode b) {
    StandardBeacon.Builder beacon =
        StandardBeacon.builder().name(b.get("name").asText()).length(b.get("length").asInt());
    if (b.has("location")) {
      beacon.loc(b.get("location").asText());
    }
    BeaconStyle style = style(b);
    return (style == null ? beacon : beacon.style(style)).build();
  }

  private static BeaconStyle style(JsonNode b) {
    BeaconStyle.Builder style = BeaconStyle.builder();
    boolean set = b.path("set").asBoolean();
    if (b.path("partOnly").asBoolean()) {
      return style.partOnly(PartOnly.builder().build()).build();
    }
    if (b.has("shared")) {
      String other = b.get("shared").asText();
      return set
          ? style.sharedSet(SharedSet.builder().other(other).build()).build()
          : style.shared(Shared.builder().other(other).build()).build();
    }
    return set ? style.asSet(AsSet.builder().build()).build() : null;
  }

  private static CompoundBeacon compound(JsonNode b) {
    CompoundBeacon.Builder beacon =
        CompoundBeacon.builder().name(b.get("name").asText()).split(b.get("split").asText());
    if (b.has("encrypted")) {
      beacon.encrypted(all(b.get("encrypted"), Beacons::encryptedPart));
    }
    if (b.has("signed")) {
      beacon.signed(all(b.get("signed"), Beacons::signedPart));
    }
    if (b.has("constructors")) {
      beacon.constructors(
          all(
              b.get("constructors"),
              parts -> Constructor.builder().parts(all(parts, Beacons::part)).build()));
    }
    return beacon.build();
  }

  private static EncryptedPart encryptedPart(JsonNode p) {
    return EncryptedPart.builder()
        .name(p.get("name").asText())
        .prefix(p.get("prefix").asText())
        .build();
  }

  private static SignedPart signedPart(JsonNode p) {
    SignedPart.Builder part =
        SignedPart.builder().name(p.get("name").asText()).prefix(p.get("prefix").asText());
    return (p.has("location") ? part.loc(p.get("location").asText()) : part).build();
  }

  private static ConstructorPart part(JsonNode p) {
    return ConstructorPart.builder()
        .name(p.get("name").asText())
        .required(!p.path("optional").asBoolean())
        .build();
  }

  private static VirtualField virtual(JsonNode f) {
    return VirtualField.builder()
        .name(f.get("name").asText())
        .parts(all(f.get("parts"), Beacons::virtualPart))
        .build();
  }

  private static VirtualPart virtualPart(JsonNode p) {
    VirtualPart.Builder part = VirtualPart.builder().loc(p.get("location").asText());
    if (p.has("transforms")) {
      part.trans(all(p.get("transforms"), Transforms::of));
    }
    return part.build();
  }

  private static <T> List<T> all(JsonNode nodes, Function<JsonNode, T> of) {
    List<T> all = new ArrayList<>();
    nodes.forEach(node -> all.add(of.apply(node)));
    return all;
  }
}
