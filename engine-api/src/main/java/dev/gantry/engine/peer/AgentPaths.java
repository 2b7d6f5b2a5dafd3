package dev.gantry.engine.peer;

import java.util.List;
import java.util.regex.Pattern;

/** What agents may ask of services: to register, to compare and report, and the content of layers. */
final class AgentPaths {
    private static final String HOST = "/hosts/[0-9A-Za-z-]{1,64}";
    private static final List<Pattern> OPEN = List.of(
            Pattern.compile("PUT /internal/cluster-service" + HOST),
            Pattern.compile("PUT /internal/container-service" + HOST + "/containers"),
            Pattern.compile("POST /internal/container-service" + HOST + "/reports"),
            Pattern.compile("GET /internal/image-service/content/sha(256|512):[0-9a-f]{64,128}"));

    private AgentPaths() {}

    /** @param path as it came, undecoded */
    static boolean include(String method, String path) {
        String call = method + " " + path;
        return OPEN.stream().anyMatch(open -> open.matcher(call).matches());
    }
}
