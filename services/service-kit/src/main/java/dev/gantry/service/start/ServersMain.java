package dev.gantry.service.start;

import dev.gantry.agent.api.settings.RefusedStart;
import dev.gantry.engine.http.ServiceMain;
import dev.gantry.service.outbox.KafkaAccess;
import io.quarkus.runtime.annotations.QuarkusMain;
import java.util.List;
import org.eclipse.microprofile.config.Config;

/** The process of a service that runs by itself, and so is told where PostgreSQL and Kafka are. */
@QuarkusMain(name = "service-with-servers")
public final class ServersMain {
    /** The second follows from the first where {@code SettingsFile} reads the settings. */
    private static final List<String> DATABASE = List.of("gantry.postgres.jdbc-url", "gantry.postgres.reactive-url");

    private ServersMain() {}

    public static void main(String... args) {
        ServiceMain.run(ServersMain::requireServers, args);
    }

    /** @throws RefusedStart when it is not told where one of them is, or how to talk to Kafka; the message names the key */
    static void requireServers(Config config) {
        for (String key : DATABASE) {
            if (config.getOptionalValue(key, String.class)
                    .filter(url -> !url.isBlank())
                    .isEmpty()) {
                throw new RefusedStart(
                        key + " is not set: this process keeps its state in PostgreSQL and must know where it is");
            }
        }
        KafkaAccess.of(config);
    }
}
