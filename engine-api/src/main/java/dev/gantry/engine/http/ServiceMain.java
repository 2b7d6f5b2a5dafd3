package dev.gantry.engine.http;

import dev.gantry.agent.api.file.OwnerOnly;
import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.annotations.QuarkusMain;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.util.ServiceConfigurationError;
import java.util.function.Consumer;
import org.eclipse.microprofile.config.Config;

/** The process of the gateway or of a service that runs by itself. */
@QuarkusMain(name = "service")
public final class ServiceMain {
    private ServiceMain() {}

    public static void main(String... args) {
        run(settings -> {}, args);
    }

    /**
     * Runs it, unless its settings are wrong: then one line says what is, and it ends with 1.
     *
     * @param check throws when settings lack what Quarkus would miss only with a stack trace; the message names the key
     */
    public static void run(Consumer<Config> check, String... args) {
        OwnerOnly.umask();
        try {
            // Quarkus reads them again, and adds what it has found out when the application was built.
            check.accept(new SmallRyeConfigBuilder()
                    .addDefaultSources()
                    .addDiscoveredSources()
                    .addDefaultInterceptors()
                    .build());
        } catch (RuntimeException | ServiceConfigurationError e) {
            System.err.println("gantry: " + rootMessage(e));
            System.exit(1);
        }
        Quarkus.run(args);
    }

    private static String rootMessage(Throwable failure) {
        Throwable cause = failure;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause.getMessage() == null ? cause.toString() : cause.getMessage();
    }
}
