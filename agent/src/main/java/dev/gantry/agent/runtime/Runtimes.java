package dev.gantry.agent.runtime;

import dev.gantry.agent.api.AgentFailure;
import dev.gantry.agent.api.ContainerSpec;
import dev.gantry.agent.api.settings.RefusedStart;
import dev.gantry.agent.api.settings.SettingsReloaded;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.eclipse.microprofile.config.Config;
import org.jboss.logging.Logger;

/** The runtimes that work on this host, and the init that goes into containers. */
@ApplicationScoped
public class Runtimes {
    private static final Logger LOG = Logger.getLogger(Runtimes.class);

    private final Map<String, OciRuntime> byName;
    private final String initBinary;
    private final Config config;
    private volatile OciRuntime byDefault;

    public Runtimes(RuntimeProbe probe, Config config) {
        this.config = config;
        byName = probe.find(config.getOptionalValue("gantry.agent.runtimes", String[].class).stream()
                .flatMap(Stream::of)
                .toList());
        byDefault = configured();
        initBinary = Stream.of("docker-init", "tini-static", "catatonit")
                .map(Programs::find)
                .flatMap(Optional::stream)
                .map(Path::toString)
                .findFirst()
                .orElse("");
    }

    /** The faster one first. */
    public Map<String, OciRuntime> all() {
        return byName;
    }

    public OciRuntime byDefault() {
        return byDefault;
    }

    void reloaded(@Observes SettingsReloaded event) {
        try {
            byDefault = configured();
        } catch (RefusedStart e) {
            LOG.errorf("%s stays the default runtime: %s", byDefault.name(), e.getMessage());
        }
    }

    private OciRuntime configured() {
        Optional<String> wanted = config.getOptionalValue("gantry.agent.runtime", String.class);
        if (wanted.isEmpty()) {
            return byName.values().iterator().next();
        }
        OciRuntime runtime = byName.get(wanted.get());
        if (runtime == null) {
            throw new RefusedStart("gantry.agent.runtime=" + wanted.get() + " is none of " + byName.keySet());
        }
        return runtime;
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
