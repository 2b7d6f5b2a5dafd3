package dev.gantry.engine.http;

import dev.gantry.agent.api.file.OwnerOnly;
import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.annotations.QuarkusMain;

/** The process of the gateway or of a service that runs by itself. */
@QuarkusMain(name = "service")
public final class ServiceMain {
    private ServiceMain() {}

    public static void main(String... args) {
        OwnerOnly.umask();
        Quarkus.run(args);
    }
}
