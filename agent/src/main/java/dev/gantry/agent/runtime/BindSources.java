package dev.gantry.agent.runtime;

import dev.gantry.agent.api.AgentFailure;
import dev.gantry.agent.api.CleanPath;
import dev.gantry.agent.api.ContainerSpec;
import dev.gantry.agent.api.ContainerSpec.MountSpec;
import dev.gantry.agent.host.HostRoot;
import java.nio.file.Files;

/** What bind mounts show of the host: it has to be there, or may be made as a directory, as the mount says. */
public final class BindSources {
    private BindSources() {}

    /**
     * Before a container is created; a source that goes later fails the start.
     *
     * @throws AgentFailure BAD_REQUEST in dockerd's words for a source that is not there and is not to be made
     */
    public static void require(ContainerSpec spec, HostRoot host) {
        if (spec.mounts() == null) {
            return;
        }
        for (MountSpec mount : spec.mounts()) {
            boolean needed = mount.kind() == MountSpec.Kind.BIND && !mount.createSource();
            String source = needed ? CleanPath.of(mount.source()) : "/";
            if (!Files.exists(host.of(source))) {
                throw missing(source);
            }
        }
    }

    static AgentFailure missing(String source) {
        return new AgentFailure(
                AgentFailure.Code.BAD_REQUEST,
                "invalid mount config for type \"bind\": bind source path does not exist: " + source);
    }
}
