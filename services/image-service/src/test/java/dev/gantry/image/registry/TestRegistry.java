package dev.gantry.image.registry;

import com.github.luben.zstd.Zstd;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.gantry.agent.api.Digest;
import dev.gantry.image.TestImage;
import dev.gantry.image.manifest.MediaTypes;
import io.vertx.core.buffer.Buffer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.zip.GZIPOutputStream;

/** A registry in this process that serves what it is given and misbehaves as it is told. */
public final class TestRegistry implements AutoCloseable {
    /** Answers a request in its own way. */
    @FunctionalInterface
    public interface Answer {
        void to(HttpExchange exchange) throws IOException;
    }

    /** Decides whether a request may pass; answers it itself otherwise. */
    @FunctionalInterface
    public interface Guard {
        boolean admits(HttpExchange exchange) throws IOException;
    }

    private record Document(String mediaType, Buffer content) {}

    private final Map<String, Document> documents = new ConcurrentHashMap<>();
    private final Map<String, Answer> answers = new ConcurrentHashMap<>();
    private final List<String> requests = new CopyOnWriteArrayList<>();
    private final HttpServer server;
    private volatile Guard guard = exchange -> true;

    public TestRegistry() {
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/", this::handle);
        server.start();
    }

    /** Name of a repository here, for a client. */
    public String name(String repository) {
        return "127.0.0.1:" + server.getAddress().getPort() + "/" + repository;
    }

    public String url(String path) {
        return "http://127.0.0.1:" + server.getAddress().getPort() + path;
    }

    /** Lets requests for a path be answered so. */
    public void on(String path, Answer answer) {
        answers.put(path, answer);
    }

    public void guard(Guard newGuard) {
        guard = newGuard;
    }

    /** Method and path of what was asked, in order. */
    public List<String> requests() {
        return requests;
    }

    public void document(String path, String mediaType, byte[] content) {
        documents.put(path, new Document(mediaType, Buffer.buffer(content)));
    }

    /** Offers a blob and returns its descriptor. */
    public String blob(String repository, String mediaType, byte[] content) {
        document("/v2/" + repository + "/blobs/" + Digest.of(content), "application/octet-stream", content);
        return descriptor(mediaType, content);
    }

    public static String descriptor(String mediaType, byte[] content) {
        return "{\"mediaType\":\"%s\",\"digest\":\"%s\",\"size\":%d}"
                .formatted(mediaType, Digest.of(content), content.length);
    }

    /** Offers an image with its layers compressed in turn by gzip, zstd and not; returns the manifest. */
    public byte[] image(String repository, String tag, TestImage image) {
        List<String> layers = new java.util.ArrayList<>();
        for (byte[] layer : image.layers()) {
            layers.add(
                    switch (layers.size() % 3) {
                        case 0 -> blob(repository, MediaTypes.OCI_LAYER + "+gzip", gzip(layer));
                        case 1 -> blob(repository, MediaTypes.OCI_LAYER + "+zstd", Zstd.compress(layer));
                        default -> blob(repository, MediaTypes.OCI_LAYER, layer);
                    });
        }
        String config = blob(repository, MediaTypes.OCI_CONFIG, image.config());
        byte[] manifest = TestImage.bytes("{\"schemaVersion\":2,\"mediaType\":\"%s\",\"config\":%s,\"layers\":[%s]}"
                .formatted(MediaTypes.OCI_MANIFEST, config, String.join(",", layers)));
        manifest(repository, tag, MediaTypes.OCI_MANIFEST, manifest);
        return manifest;
    }

    public void manifest(String repository, String tag, String mediaType, byte[] manifest) {
        document("/v2/" + repository + "/manifests/" + tag, mediaType, manifest);
        document("/v2/" + repository + "/manifests/" + Digest.of(manifest), mediaType, manifest);
    }

    public static byte[] gzip(byte[] content) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
            gzip.write(content);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }

    /** An answer with an error in the registry's own form. */
    public static Answer error(int status, String code, String message) {
        return exchange -> send(
                exchange,
                status,
                "application/json",
                TestImage.bytes(
                        "{\"errors\":[{\"code\":\"%s\",\"message\":\"%s\",\"detail\":{}}]}".formatted(code, message)));
    }

    public static void send(HttpExchange exchange, int status, String mediaType, byte[] body) throws IOException {
        exchange.getResponseHeaders().set("Content-Type", mediaType);
        exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
        exchange.getResponseBody().write(body);
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            String path = exchange.getRequestURI().getPath();
            requests.add(exchange.getRequestMethod() + " " + path);
            if (!guard.admits(exchange)) {
                return;
            }
            Answer answer = answers.get(path);
            Document document = documents.get(path);
            if (answer != null) {
                answer.to(exchange);
            } else if (document != null) {
                send(exchange, 200, document.mediaType(), document.content().getBytes());
            } else if (path.equals("/v2/")) {
                send(exchange, 200, "application/json", TestImage.bytes("{}"));
            } else {
                error(404, path.contains("/manifests/") ? "MANIFEST_UNKNOWN" : "BLOB_UNKNOWN", "not known")
                        .to(exchange);
            }
        }
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
