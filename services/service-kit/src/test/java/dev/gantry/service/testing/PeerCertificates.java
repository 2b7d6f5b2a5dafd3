package dev.gantry.service.testing;

import dev.gantry.agent.api.stream.PeerTls;
import dev.gantry.agent.api.testing.Certificates;
import dev.gantry.agent.api.testing.FreePort;
import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** Makes the service listen for other machines, and an authority. */
public final class PeerCertificates implements QuarkusTestResourceLifecycleManager {
    public static Path directory;
    public static Certificates ours;
    public static int port;

    @Override
    public Map<String, String> start() {
        try {
            directory = Files.createTempDirectory("peers");
            ours = new Certificates(directory, "ours");
            port = FreePort.next();
            PeerTls own = ours.issue("service");
            return Map.of(
                    "gantry.services.listen", "127.0.0.1:" + port,
                    "gantry.tls.certificate", own.certificate(),
                    "gantry.tls.key", own.key(),
                    "gantry.tls.authority", own.authority(),
                    "gantry.tls.services", "service");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void stop() {
        for (java.io.File file : directory.toFile().listFiles()) {
            file.delete();
        }
        directory.toFile().delete();
    }
}
