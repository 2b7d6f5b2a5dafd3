package dev.gantry.cluster;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.gantry.agent.api.HostDescription;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Map;
import javax.net.ssl.SSLContext;

/** Registers as agents do, and no more. */
record TestAgent(String id, String control, SSLContext certificate) {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** Status and body. */
    String register(String address) throws IOException, InterruptedException {
        HostDescription description = new HostDescription(
                id,
                "box",
                address,
                1,
                1,
                "Linux",
                "12",
                "6.1",
                "x86_64",
                2,
                1L << 30,
                "cgroupfs",
                "2",
                true,
                false,
                Map.of("crun", new HostDescription.Runtime("/usr/bin/crun", "1")),
                "crun",
                "",
                "overlay2",
                "extfs",
                "/state",
                List.of(),
                List.of(),
                List.of(),
                null,
                null);
        HttpRequest request = HttpRequest.newBuilder(URI.create(control + "/internal/cluster-service/hosts/" + id))
                .header("Content-Type", "application/json")
                .PUT(HttpRequest.BodyPublishers.ofByteArray(JSON.writeValueAsBytes(description)))
                .build();
        HttpClient.Builder http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1);
        if (certificate != null) {
            http.sslContext(certificate);
        }
        try (HttpClient client = http.build()) {
            HttpResponse<String> response = client.send(request, HttpResponse.BodyHandlers.ofString());
            return (response.statusCode() + " " + response.body()).strip();
        }
    }
}
