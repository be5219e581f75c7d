package ddbenc.interop;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import javax.crypto.Cipher;

/**
 * Measures the CPU time of an operation. It is that of the whole process, so that compiling and
 * collecting garbage count. The system reports it in steps of 10 ms.
 */
final class Bench {
  private static final OperatingSystemMXBean SYSTEM =
      ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);

  interface Operation<T> {
    T run() throws Exception;
  }

  private Bench() {}

  /** Puts the measurement into the response, and returns what the operation returned last. */
  static <T> T measure(JsonNode settings, ObjectNode response, Operation<T> operation)
      throws Exception {
    double warmUp = settings.get("warmUp").asDouble() * 1e9;
    for (long start = SYSTEM.getProcessCpuTime(); SYSTEM.getProcessCpuTime() - start < warmUp; ) {
      operation.run();
    }
    double enough = settings.get("seconds").asDouble() * 1e9;
    long start = SYSTEM.getProcessCpuTime();
    long operations = 0;
    long taken;
    T last;
    do {
      last = operation.run();
      operations++;
      taken = SYSTEM.getProcessCpuTime() - start;
    } while (taken < enough);
    response.put("operations", operations);
    response.put("nanoseconds", taken);
    return last;
  }

  static String runtime() throws Exception {
    return "OpenJDK "
        + System.getProperty("java.version")
        + ", AES of "
        + Cipher.getInstance("AES/CBC/PKCS5Padding").getProvider().getName();
  }
}
