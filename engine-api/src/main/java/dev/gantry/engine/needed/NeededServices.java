package dev.gantry.engine.needed;

import dev.gantry.agent.api.settings.RefusedStart;
import dev.gantry.engine.container.Containers;
import dev.gantry.engine.host.Hosts;
import dev.gantry.engine.image.Images;
import dev.gantry.engine.network.Networks;
import io.quarkus.arc.Arc;
import io.quarkus.arc.InjectableBean;
import io.quarkus.runtime.StartupEvent;
import jakarta.annotation.Priority;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.spi.Bean;
import jakarta.inject.Singleton;
import java.util.Map;
import java.util.Set;
import org.eclipse.microprofile.config.Config;

/** Refuses to start a process that calls services without knowing where they are. */
@Singleton
final class NeededServices {
    private static final int FIRST = 1;
    private static final Map<Class<?>, String> SERVICES = Map.of(
            Images.class, "image-service",
            Containers.class, "container-service",
            Hosts.class, "cluster-service",
            Networks.class, "network-service");

    private final Config config;

    NeededServices(Config config) {
        this.config = config;
    }

    /** A port that nothing here calls has no bean; one that a service here implements has no remote adapter. */
    void check(@Observes @Priority(FIRST) StartupEvent event) {
        SERVICES.forEach((port, service) -> {
            Set<Bean<?>> beans = Arc.container().beanManager().getBeans(port);
            String setting = "gantry." + service + ".url";
            boolean known = config.getOptionalValue(setting, String.class)
                    .filter(url -> !url.isBlank())
                    .isPresent();
            if (!known && !beans.isEmpty() && beans.stream().allMatch(NeededServices::isAdapter)) {
                throw new RefusedStart(
                        setting + " is not set: this process calls " + service + " and must know where it is");
            }
        });
    }

    private static boolean isAdapter(Bean<?> bean) {
        return bean instanceof InjectableBean<?> ours && ours.isDefaultBean();
    }
}
