package dev.gantry.agent.runtime;

import dev.gantry.agent.api.AgentFailure;
import dev.gantry.agent.api.ContainerSpec;
import dev.gantry.agent.runtime.OciSpec.Rlimit;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** rlimits. A hard limit above the agent's own needs CAP_SYS_RESOURCE; without it we say which limit it was. */
final class ResourceLimits {
    private static final BigInteger UNLIMITED = BigInteger.TWO.pow(64).subtract(BigInteger.ONE);
    private static final int CAP_SYS_RESOURCE = 24;

    /** Rows of /proc/self/limits by the name that ulimits have. */
    private static final Map<String, String> ROWS = Map.ofEntries(
            Map.entry("core", "Max core file size"),
            Map.entry("cpu", "Max cpu time"),
            Map.entry("data", "Max data size"),
            Map.entry("fsize", "Max file size"),
            Map.entry("locks", "Max file locks"),
            Map.entry("memlock", "Max locked memory"),
            Map.entry("msgqueue", "Max msgqueue size"),
            Map.entry("nice", "Max nice priority"),
            Map.entry("nofile", "Max open files"),
            Map.entry("nproc", "Max processes"),
            Map.entry("rss", "Max resident set"),
            Map.entry("rtprio", "Max realtime priority"),
            Map.entry("rttime", "Max realtime timeout"),
            Map.entry("sigpending", "Max pending signals"),
            Map.entry("stack", "Max stack size"));

    private ResourceLimits() {}

    static List<Rlimit> of(List<ContainerSpec.Ulimit> ulimits, long heldCapabilities) {
        List<Rlimit> result = new ArrayList<>();
        if (ulimits == null || ulimits.isEmpty()) {
            return result;
        }
        boolean mayRaise = (heldCapabilities >>> CAP_SYS_RESOURCE & 1) == 1;
        Map<String, BigInteger> own = mayRaise ? Map.of() : ownHardLimits();
        for (ContainerSpec.Ulimit ulimit : ulimits) {
            String name = ulimit.name().toLowerCase(Locale.ROOT);
            if (!ROWS.containsKey(name)) {
                throw new AgentFailure(AgentFailure.Code.BAD_REQUEST, "invalid ulimit type: " + name);
            }
            BigInteger hard = value(ulimit.hard());
            BigInteger allowed = own.getOrDefault(name, UNLIMITED);
            if (hard.compareTo(allowed) > 0) {
                throw new AgentFailure(
                        AgentFailure.Code.BAD_REQUEST,
                        "ulimit " + name + ": the hard limit " + ulimit.hard() + " is above this host's limit of "
                                + allowed + ", which the agent cannot raise without CAP_SYS_RESOURCE");
            }
            result.add(new Rlimit("RLIMIT_" + name.toUpperCase(Locale.ROOT), hard, value(ulimit.soft())));
        }
        return result;
    }

    private static BigInteger value(long limit) {
        return limit < 0 ? UNLIMITED : BigInteger.valueOf(limit);
    }

    private static Map<String, BigInteger> ownHardLimits() {
        Map<String, BigInteger> result = new HashMap<>();
        try {
            List<String> lines = Files.readAllLines(Path.of("/proc/self/limits"));
            ROWS.forEach((name, row) -> lines.stream()
                    .filter(line -> line.startsWith(row))
                    .findFirst()
                    .map(line -> line.substring(row.length()).strip().split("\\s+", -1)[1])
                    .ifPresent(hard -> result.put(name, hard.equals("unlimited") ? UNLIMITED : new BigInteger(hard))));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return result;
    }
}
