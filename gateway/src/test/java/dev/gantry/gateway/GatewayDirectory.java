package dev.gantry.gateway;

import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;

/** A directory with a stale socket, and a network-service in what could be another process. */
public final class GatewayDirectory implements QuarkusTestResourceLifecycleManager {
    static Path socket;

    private final Vertx vertx = Vertx.vertx();

    @Override
    public Map<String, String> start() {
        try {
            Path directory = Files.createTempDirectory("gateway");
            socket = Files.createFile(directory.resolve("docker.sock"));
            HttpServer remote = vertx.createHttpServer()
                    .requestHandler(GatewayDirectory::answer)
                    .listen(0, "127.0.0.1")
                    .toCompletionStage()
                    .toCompletableFuture()
                    .join();
            return Map.of(
                    "gantry.run-dir",
                    directory.toString(),
                    "gantry.network-service.url",
                    "http://127.0.0.1:" + remote.actualPort(),
                    "gantry.event-service.url",
                    "http://127.0.0.1:1",
                    "gantry.docker.max-json",
                    "1000");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void answer(HttpServerRequest request) {
        request.response()
                .putHeader("X-Seen", request.getHeader("X-Gantry-Api-Version") + " " + request.uri())
                .putHeader("X-Seen-Internal", internal(request).toString())
                .setStatusCode(request.uri().contains("missing") ? 404 : 200)
                .end("[]");
    }

    /** What services believe. */
    private static SortedSet<String> internal(HttpServerRequest request) {
        SortedSet<String> internal = new TreeSet<>();
        request.headers().forEach((name, value) -> {
            if (name.toLowerCase(Locale.ROOT).contains("gantry-")) {
                internal.add(name.toLowerCase(Locale.ROOT) + "=" + value);
            }
        });
        return internal;
    }

    @Override
    public void stop() {
        vertx.close();
        socket.toFile().delete();
        socket.getParent().toFile().delete();
    }
}
