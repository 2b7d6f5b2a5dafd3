package dev.gantry.compatibility.instance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.gantry.compatibility.docker.Docker;
import dev.gantry.compatibility.docker.Images;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What {@code /q/metrics} tells, and that {@code docs/observability} speaks of what is there. */
@InstanceTest
class FiguresTest {
    private static final Pattern FIGURE = Pattern.compile("\\b(gantry|kafka|http|jvm|process|system)_[a-z_]+");
    /** What Prometheus appends for the parts of a histogram. */
    private static final Pattern PART = Pattern.compile("_(bucket|count|sum|max)$");

    private static int port;
    private static Instance instance;

    @BeforeAll
    static void start() throws IOException {
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        instance = Instance.start(Topology.TOGETHER, Map.of("gantry.health.port", Integer.toString(port)));
    }

    @AfterAll
    static void stop() {
        if (instance != null) {
            instance.close();
        }
    }

    @Test
    void operations_are_counted_by_kind_and_outcome() throws Exception {
        Docker docker = instance.docker();
        docker.ok("run", "-d", "--name", "one", Images.BUSYBOX, "sleep", "1000");
        docker.call("start", "nosuch").exits(1);
        docker.ok("create", "--name", "two", Images.BUSYBOX);
        docker.ok("exec", "one", "true");

        // Figures that are looked up are those of the look before.
        Docker.await("what is looked up is told", "1.0", () -> value("gantry_containers{state=\"running\"} "));
        String figures = figures();
        assertTrue(figures.contains("gantry_containers{state=\"created\"} 1.0"), figures);
        assertTrue(figures.contains("gantry_hosts{state=\"reachable\"} 1.0"), figures);
        assertEquals(2, count(figures, "POST /containers/create", "done"));
        assertEquals(1, count(figures, "POST /containers/{id}/start", "done"));
        assertEquals(1, count(figures, "POST /containers/{id}/start", "refused"));
        assertEquals(1, count(figures, "POST /exec/{id}/start", "done"));
        assertTrue(
                figures.contains("gantry_api_operations_seconds_bucket{operation=\"POST /containers/create\","),
                figures);
        assertTrue(figures.matches("(?s).*gantry_agent_connects_total\\{host=\"[^\"]+\"} 1\\.0.*"), figures);
        // Names of containers and the like would be as many series.
        assertFalse(figures.contains("nosuch"), figures);
        docker.ok("rm", "-f", "one", "two");
    }

    @Test
    void what_is_written_of_is_there() throws Exception {
        instance.docker().ok("run", "--rm", Images.BUSYBOX, "true");
        Path directory = Launcher.path().orElseThrow().resolveSibling("docs/observability");
        Set<String> described = Files.readAllLines(directory.resolve("README.md")).stream()
                .filter(line -> line.startsWith("| `"))
                .map(line -> line.substring(3, line.indexOf('`', 3)))
                .filter(name -> FIGURE.matcher(name).matches())
                .collect(Collectors.toCollection(TreeSet::new));
        assertTrue(described.size() >= 10, described.toString());

        Docker.await("all that is described is there", List.of(), () -> missing(described));
        assertEquals(Set.of(), unknown(Files.readString(directory.resolve("prometheus-rules.yaml")), described));
        JsonNode dashboard = Docker.json(Files.readString(directory.resolve("grafana-dashboard.json")));
        assertEquals(Set.of(), unknown(String.join("\n", dashboard.findValuesAsText("expr")), described));
    }

    private static List<String> missing(Set<String> described) {
        String figures = figures();
        return described.stream()
                .filter(name -> !Pattern.compile("(?m)^" + name + "(_count)?[{ ]")
                        .matcher(figures)
                        .find())
                .toList();
    }

    private static Set<String> unknown(String text, Set<String> described) {
        return FIGURE.matcher(text)
                .results()
                .map(MatchResult::group)
                .filter(name -> !name.startsWith("jvm_"))
                .filter(name -> !described.contains(name)
                        && !described.contains(PART.matcher(name).replaceFirst("")))
                .collect(Collectors.toSet());
    }

    private static int count(String figures, String operation, String outcome) {
        String series =
                "gantry_api_operations_seconds_count{operation=\"" + operation + "\",outcome=\"" + outcome + "\"} ";
        String value = value(figures, series);
        return value.isEmpty() ? 0 : (int) Double.parseDouble(value);
    }

    private static String value(String series) {
        return value(figures(), series);
    }

    private static String value(String figures, String series) {
        int at = figures.indexOf(series);
        return at < 0 ? "" : figures.substring(at + series.length(), figures.indexOf('\n', at));
    }

    private static String figures() {
        try (HttpClient client = HttpClient.newHttpClient()) {
            HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/q/metrics"))
                    .build();
            return client.send(request, HttpResponse.BodyHandlers.ofString()).body();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
