package dev.gantry.image;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.eclipse.microprofile.config.ConfigProvider;

/** The service under test, over HTTP and on its disk. */
public final class Api {
    private static final HttpClient CLIENT = HttpClient.newHttpClient();

    private Api() {}

    /** A status, and the body as text; that of an error without the newline at its end. */
    public record Answer(int status, String body) {
        public String message() {
            return json().path("message").asText();
        }

        public JsonNode json() {
            try {
                return TestImage.JSON.readTree(body);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        /** The {@code status} of each line of a progress stream. */
        public List<String> statuses() {
            return body.lines()
                    .map(line -> new Answer(200, line).json())
                    .map(line -> line.path("status").asText(line.path("error").asText()))
                    .toList();
        }
    }

    public static Answer get(String path) {
        return send(request(path).GET());
    }

    public static Answer delete(String path) {
        return send(request(path).DELETE());
    }

    public static Answer post(String path, byte[] body, String... headers) {
        HttpRequest.Builder request = request(path).POST(HttpRequest.BodyPublishers.ofByteArray(body));
        return send(headers.length == 0 ? request : request.headers(headers));
    }

    public static Answer load(byte[] archive) {
        return post("/images/load", archive, "Content-Type", "application/x-tar");
    }

    public static Answer pull(String image, String tag, String... headers) {
        return post("/images/create?fromImage=" + encoded(image) + "&tag=" + encoded(tag), new byte[0], headers);
    }

    /** A pull that is under way. */
    public record RunningPull(CompletableFuture<HttpResponse<Void>> response, StringBuffer body) {
        public Answer answer() throws Exception {
            HttpResponse<Void> done = response.get(20, TimeUnit.SECONDS);
            return new Answer(done.statusCode(), body.toString());
        }

        /** Whether the text has come already. */
        public boolean says(String text) {
            return body.indexOf(text) >= 0;
        }

        public void hangUp() {
            response.cancel(true);
        }
    }

    public static RunningPull beginPull(String image, String tag) {
        HttpRequest request = request("/images/create?fromImage=" + encoded(image) + "&tag=" + encoded(tag))
                .POST(HttpRequest.BodyPublishers.noBody())
                .build();
        StringBuffer body = new StringBuffer();
        return new RunningPull(
                CLIENT.sendAsync(
                        request,
                        BodyHandlers.ofByteArrayConsumer(bytes ->
                                bytes.ifPresent(some -> body.append(new String(some, StandardCharsets.UTF_8))))),
                body);
    }

    public static byte[] bytes(String path) {
        try {
            return CLIENT.send(request(path).build(), BodyHandlers.ofByteArray())
                    .body();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    public static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    public static HttpRequest.Builder request(String path) {
        int port = ConfigProvider.getConfig().getValue("quarkus.http.test-port", Integer.class);
        return HttpRequest.newBuilder()
                .timeout(Duration.ofSeconds(30))
                .uri(URI.create("http://127.0.0.1:" + port + path));
    }

    public static Answer send(HttpRequest.Builder request) {
        try {
            var response = CLIENT.send(request.build(), BodyHandlers.ofString());
            boolean failed = response.statusCode() >= 400;
            return new Answer(response.statusCode(), failed ? response.body().stripTrailing() : response.body());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Digests of all blobs in the store, as hex. */
    public static List<String> blobs() {
        return files("content/blobs/sha256");
    }

    /** Files that are being written. */
    public static List<String> staging() {
        return files("content/staging");
    }

    private static List<String> files(String directory) {
        Path data = ConfigProvider.getConfig().getValue("gantry.data-dir", Path.class);
        try (Stream<Path> files = Files.list(data.resolve(directory))) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
