package dev.gantry.container.create;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.gantry.agent.api.HostDescription;
import dev.gantry.engine.container.ContainerConfig;
import dev.gantry.engine.container.HostConfig;
import java.util.List;
import java.util.Map;

/** What clients send, written with single quotes. */
final class Asked {
    private static final ObjectMapper JSON = new ObjectMapper();

    private Asked() {}

    static JsonNode tree(String json) {
        try {
            return JSON.readTree(json.replace('\'', '"'));
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(e);
        }
    }

    static CreateRequest request(String json) {
        return CreateRequest.parse(tree(json));
    }

    static ContainerConfig config(String json) {
        return request(json).config();
    }

    static HostConfig hostConfig(String json) {
        return request("{'Image':'busybox','HostConfig':" + json + "}").hostConfig();
    }

    /** A host with {@code runc}. */
    static HostDescription host(int cpus, String cgroupVersion) {
        return new HostDescription(
                "h",
                "host",
                "unix:///x",
                1,
                1,
                "Debian",
                "12",
                "6.1",
                "x86_64",
                cpus,
                1L << 33,
                "cgroupfs",
                cgroupVersion,
                true,
                false,
                Map.of("runc", new HostDescription.Runtime("/usr/sbin/runc", "1")),
                "runc",
                "/usr/bin/tini",
                "overlay2",
                "extfs",
                "/var/lib/gantry",
                List.of(),
                List.of(),
                List.of(),
                null,
                null);
    }
}
