package dev.gantry.compatibility.docker;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.core.DefaultDockerClientConfig;
import com.github.dockerjava.core.DockerClientImpl;
import com.github.dockerjava.transport.DockerHttpClient;
import com.github.dockerjava.zerodep.ZerodepDockerHttpClient;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** The API itself: plain HTTP requests, and docker-java on the same connection. */
public final class Engine {
    private final DefaultDockerClientConfig config;
    private final DockerHttpClient http;

    public Engine(Endpoint endpoint) {
        config = DefaultDockerClientConfig.createDefaultConfigBuilder()
                .withDockerHost(endpoint.url())
                .withDockerTlsVerify(false)
                .withApiVersion("1.41")
                .build();
        http = new ZerodepDockerHttpClient.Builder()
                .dockerHost(URI.create(endpoint.url()))
                .responseTimeout(Duration.ofSeconds(60))
                .build();
    }

    public DockerClient dockerJava() {
        return DockerClientImpl.getInstance(config, http);
    }

    /** @param headers names in lower case */
    public record Answer(int status, Map<String, String> headers, String body) {
        public JsonNode json() {
            return Docker.json(body);
        }

        /** The text of an error. */
        public String message() {
            return json().path("message").asText();
        }

        public Answer is(int expected) {
            assertEquals(expected, status, () -> body);
            return this;
        }
    }

    public Answer get(String path) {
        return send("GET", path, null, Map.of());
    }

    public Answer delete(String path) {
        return send("DELETE", path, null, Map.of());
    }

    public Answer post(String path) {
        return send("POST", path, null, Map.of());
    }

    public Answer post(String path, String json) {
        return send("POST", path, json, Map.of("Content-Type", "application/json"));
    }

    public Answer send(String method, String path, String body, Map<String, String> headers) {
        DockerHttpClient.Request.Builder request = DockerHttpClient.Request.builder()
                .method(DockerHttpClient.Request.Method.valueOf(method))
                .path(path);
        request.putAllHeaders(headers);
        if (body != null) {
            request.body(new ByteArrayInputStream(body.getBytes(StandardCharsets.UTF_8)));
        }
        try (DockerHttpClient.Response response = http.execute(request.build())) {
            Map<String, String> received = new TreeMap<>();
            for (Map.Entry<String, List<String>> header : response.getHeaders().entrySet()) {
                received.put(
                        header.getKey().toLowerCase(Locale.ROOT),
                        header.getValue().getFirst());
            }
            String text = response.getBody() == null
                    ? ""
                    : new String(response.getBody().readAllBytes(), StandardCharsets.UTF_8);
            return new Answer(response.getStatusCode(), received, text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
