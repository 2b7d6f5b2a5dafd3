package dev.gantry.standalone;

import dev.gantry.agent.api.file.OwnerOnly;
import io.quarkus.runtime.Application;
import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.annotations.QuarkusMain;
import io.smallrye.config.SmallRyeConfig;
import io.smallrye.config.SmallRyeConfigBuilder;

/**
 * One process with all services and the gateway. What is not configured as external, PostgreSQL or Kafka, is started
 * here, and ready before the services connect to it, and stopped when they are gone.
 */
@QuarkusMain
public final class Standalone {
    private Standalone() {}

    public static void main(String... args) {
        OwnerOnly.umask();
        EmbeddedServers servers;
        try {
            SmallRyeConfig config = settings();
            Directories directories = Directories.prepare(config);
            servers = EmbeddedServers.begin(config, directories.data());
        } catch (RuntimeException e) {
            System.err.println("gantry: " + rootMessage(e));
            System.exit(1);
            return;
        }
        Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(servers), "embedded-stop"));
        Quarkus.run(args);
    }

    /** Quarkus reads them again later, with the addresses of what was started here. */
    private static SmallRyeConfig settings() {
        return new SmallRyeConfigBuilder()
                .addDefaultSources()
                .addDiscoveredSources()
                .addDefaultInterceptors()
                .build();
    }

    private static void stop(EmbeddedServers servers) {
        Application services = Application.currentApplication();
        if (services != null) {
            services.awaitShutdown();
        }
        servers.close();
    }

    static String rootMessage(Throwable failure) {
        Throwable cause = failure;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause.getMessage() == null ? cause.toString() : cause.getMessage();
    }
}
