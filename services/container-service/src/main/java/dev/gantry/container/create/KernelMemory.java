package dev.gantry.container.create;

import com.fasterxml.jackson.annotation.JsonFormat;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import dev.gantry.engine.EngineError;
import dev.gantry.engine.json.RequestJson;
import dev.gantry.engine.version.ApiVersion;
import java.util.List;

/** {@code HostConfig.KernelMemory}: clients before API 1.42 have such a limit, kernels since Linux 5.16 do not. */
public final class KernelMemory {
    private static final long LEAST = 6L << 20;

    private KernelMemory() {}

    /**
     * Of a request to create a container.
     *
     * @throws EngineError.BadParameter when it is less than the least
     */
    static List<String> warnings(JsonNode body, ApiVersion version) {
        HostConfig host = RequestJson.convert(body, Body.class).hostConfig();
        return warnings(host == null ? 0 : host.kernelMemory(), version);
    }

    /** @param bytes 0 for none */
    public static List<String> warnings(long bytes, ApiVersion version) {
        if (!version.before(1, 42) || bytes <= 0) {
            return List.of();
        }
        if (bytes < LEAST) {
            throw new EngineError.BadParameter("Minimum kernel memory limit allowed is 6MB");
        }
        return List.of("Your kernel does not support kernel memory limit capabilities or the cgroup is not mounted."
                + " Limitation discarded.");
    }

    @JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
    @JsonFormat(with = JsonFormat.Feature.ACCEPT_CASE_INSENSITIVE_PROPERTIES)
    record Body(HostConfig hostConfig) {}

    @JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
    @JsonFormat(with = JsonFormat.Feature.ACCEPT_CASE_INSENSITIVE_PROPERTIES)
    record HostConfig(long kernelMemory) {}
}
