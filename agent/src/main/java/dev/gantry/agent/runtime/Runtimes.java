package dev.gantry.agent.runtime;

import dev.gantry.agent.api.AgentFailure;
import dev.gantry.agent.api.ContainerSpec;
import jakarta.enterprise.context.ApplicationScoped;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** The runtimes that work on this host, and the init that goes into containers. */
@ApplicationScoped
public class Runtimes {
    private final Map<String, OciRuntime> byName;
    private final String initBinary;

    public Runtimes(RuntimeProbe probe) {
        byName = probe.find();
        initBinary = Stream.of("docker-init", "tini-static", "catatonit")
                .map(Programs::find)
                .flatMap(Optional::stream)
                .map(Path::toString)
                .findFirst()
                .orElse("");
    }

    /** The default first. */
    public Map<String, OciRuntime> all() {
        return byName;
    }

    public OciRuntime byDefault() {
        return byName.values().iterator().next();
    }

    public OciRuntime of(ContainerSpec spec) {
        if (spec.runtime() == null || spec.runtime().isEmpty()) {
            return byDefault();
        }
        OciRuntime runtime = byName.get(spec.runtime());
        if (runtime == null) {
            throw new AgentFailure(AgentFailure.Code.BAD_REQUEST, "unknown or invalid runtime name: " + spec.runtime());
        }
        return runtime;
    }

    /** Path of a static init for {@code --init}; empty when the host has none. */
    public String initBinary() {
        return initBinary;
    }
}
