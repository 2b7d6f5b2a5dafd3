package dev.gantry.agent.cdi;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import java.util.List;

/** A file of the Container Device Interface, as its specification (cncf-tags/container-device-interface, SPEC.md) has it. */
@JsonIgnoreProperties(ignoreUnknown = true)
public record CdiFile(String cdiVersion, String kind, List<Device> devices, Edits containerEdits) {
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record Device(String name, Edits containerEdits) {}

    /** What a container gets with a device. Every list may be null. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record Edits(
            List<String> env,
            List<DeviceNode> deviceNodes,
            List<Mount> mounts,
            List<Hook> hooks,
            List<Long> additionalGids) {}

    /** Type and numbers are the host's when they are not said. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record DeviceNode(
            String path,
            String hostPath,
            String type,
            Long major,
            Long minor,
            Integer fileMode,
            String permissions,
            Long uid,
            Long gid) {}

    @JsonIgnoreProperties(ignoreUnknown = true)
    public record Mount(String hostPath, String containerPath, List<String> options, String type) {}

    @JsonIgnoreProperties(ignoreUnknown = true)
    public record Hook(String hookName, String path, List<String> args, List<String> env, Integer timeout) {}
}
