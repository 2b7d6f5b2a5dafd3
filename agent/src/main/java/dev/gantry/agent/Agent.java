package dev.gantry.agent;

import dev.gantry.agent.api.file.OwnerOnly;
import dev.gantry.agent.dns.EarlyNames;
import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.annotations.QuarkusMain;

/** The agent's process. */
@QuarkusMain
public final class Agent {
    private Agent() {}

    public static void main(String... args) {
        OwnerOnly.umask();
        EarlyNames.open();
        Quarkus.run(args);
    }
}
