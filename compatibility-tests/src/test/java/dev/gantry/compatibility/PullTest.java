package dev.gantry.compatibility;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.gantry.compatibility.docker.Docker;
import dev.gantry.compatibility.docker.EndpointTest;
import dev.gantry.compatibility.docker.Engine;
import dev.gantry.compatibility.docker.Images;
import dev.gantry.compatibility.docker.Result;
import dev.gantry.compatibility.fixtures.FaultyRegistry;
import dev.gantry.compatibility.fixtures.FaultyRegistry.Fault;
import dev.gantry.compatibility.fixtures.ImageFormat;
import dev.gantry.compatibility.fixtures.LayerCompression;
import dev.gantry.compatibility.fixtures.LoopbackRegistry;
import dev.gantry.compatibility.fixtures.PublishedImage;
import dev.gantry.compatibility.fixtures.TestImage;
import dev.gantry.compatibility.fixtures.TestImages;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** {@code docker pull} from a real registry, and from one that misbehaves. */
@EndpointTest
class PullTest {
    private static LoopbackRegistry registry;

    @BeforeAll
    static void startRegistry() throws Exception {
        assumeTrue(LoopbackRegistry.isInstalled(), "docker-registry is not installed");
        registry = LoopbackRegistry.start();
    }

    @AfterAll
    static void stopRegistry() {
        if (registry != null) {
            registry.close();
        }
    }

    /** A busybox image that no other test has, so that its layers are really pulled. */
    private static TestImage own(Docker docker) {
        return TestImages.busybox()
                .withLayer(
                        new Images.Tar().text("own", docker.name("own") + "\n").bytes());
    }

    @ParameterizedTest
    @CsvSource({"DOCKER, GZIP", "OCI, GZIP", "OCI, ZSTD", "OCI, NONE"})
    void manifests_and_layers_of_each_kind_are_understood(
            ImageFormat format, LayerCompression compression, Docker docker) throws Exception {
        assumeTrue(
                compression != LayerCompression.ZSTD || docker.apiMinor() >= 43,
                "this engine is older than zstd layers");
        String reference = registry.push("kinds", docker.name("t"), own(docker).published(format, compression));
        docker.removeLater(reference);

        Result result = docker.call("pull", reference).exits(0);

        assertTrue(result.out().contains("Pulling from kinds\n"), result.out());
        assertTrue(result.out().contains("Digest: sha256:"), result.out());
        assertTrue(result.out().contains("Status: Downloaded newer image for " + reference), result.out());
        assertTrue(result.out().endsWith(reference + "\n"), result.out());
        assertEquals(docker.name("own"), docker.ok("run", "--rm", reference, "cat", "/own"));
        assertEquals(own(docker).id(), docker.ok("inspect", "-f", "{{.Id}}", reference));
    }

    @Test
    void a_second_pull_finds_it_up_to_date(Docker docker) throws Exception {
        String reference =
                registry.push("again", docker.name("t"), own(docker).published(ImageFormat.OCI, LayerCompression.GZIP));
        docker.removeLater(reference);
        docker.ok("pull", reference);

        assertTrue(docker.ok("pull", reference).contains("Status: Image is up to date for " + reference));
        assertEquals(reference, docker.ok("pull", "-q", reference));
    }

    @Test
    void a_digest_can_be_pulled_and_is_shown(Docker docker) throws Exception {
        PublishedImage image = own(docker).published(ImageFormat.DOCKER, LayerCompression.GZIP);
        String tagged = registry.push("digests", docker.name("t"), image);
        String reference = registry.host() + "/digests@" + image.top().digest();
        docker.removeLater(tagged);
        docker.removeLater(reference);

        docker.ok("pull", reference);
        assertTrue(docker.ok("inspect", "-f", "{{.RepoDigests}}", reference)
                .contains("/digests@" + image.top().digest()));
        assertEquals("[]", docker.ok("inspect", "-f", "{{.RepoTags}}", reference));
        docker.ok("pull", tagged);
        assertEquals("[" + tagged + "]", docker.ok("inspect", "-f", "{{.RepoTags}}", reference));
        assertEquals(docker.name("own"), docker.ok("run", "--rm", reference, "cat", "/own"));
    }

    @ParameterizedTest
    @EnumSource(ImageFormat.class)
    void of_an_index_this_machines_image_is_taken(ImageFormat format, Docker docker) throws Exception {
        String reference = registry.push(
                "index",
                docker.name("t"),
                PublishedImage.index(format, LayerCompression.GZIP, TestImages.twoPlatforms()));
        docker.removeLater(reference);

        docker.ok("pull", reference);

        assertEquals("amd64", docker.ok("run", "--rm", reference, "cat", "/platform"));
        docker.call("pull", "--platform", "linux/riscv64", reference)
                .exits(1)
                .saysError("no matching manifest for linux/riscv64");
    }

    @Test
    void run_pulls_what_is_missing(Docker docker) throws Exception {
        String reference =
                registry.push("run", docker.name("t"), own(docker).published(ImageFormat.OCI, LayerCompression.GZIP));
        docker.removeLater(reference);

        Result result = docker.call("run", "--rm", reference, "cat", "/own").exits(0);

        assertEquals(docker.name("own") + "\n", result.out());
        assertTrue(result.err().contains("Unable to find image '" + reference + "' locally"), result.err());
        docker.call("run", "--rm", "--pull", "never", registry.reference("run", "nosuch"), "true")
                .exits(125)
                .saysError("no such image: " + registry.reference("run", "nosuch"));
    }

    @Test
    void all_tags_are_pulled_with_a(Docker docker) throws Exception {
        String repository = "all-" + docker.name("x");
        for (String tag : List.of("one", "two")) {
            docker.removeLater(
                    registry.push(repository, tag, own(docker).published(ImageFormat.OCI, LayerCompression.GZIP)));
        }

        docker.ok("pull", "-a", registry.host() + "/" + repository);

        assertEquals(
                2,
                docker.call("images", "-q", registry.host() + "/" + repository)
                        .lines()
                        .size());
    }

    @Test
    void whiteouts_take_away_what_lies_below(Docker docker) throws Exception {
        String reference = registry.push(
                "whiteouts",
                docker.name("t"),
                TestImages.whiteouts().published(ImageFormat.OCI, LayerCompression.GZIP));
        docker.removeLater(reference);
        docker.ok("pull", reference);

        assertEquals(
                "kept new",
                docker.ok(
                        "run",
                        "--rm",
                        reference,
                        "sh",
                        "-c",
                        "test ! -e /gone && test ! -e /tree/below && cat /replaced >/dev/null && echo $(ls /tree) $(ls /opaque)"));
    }

    @Test
    void many_layers_and_several_pulls_at_once(Docker docker) throws Exception {
        String reference = registry.push(
                "many",
                docker.name("t"),
                TestImages.manyLayers(30)
                        .withLayer(new Images.Tar()
                                .text("own", docker.name("many"))
                                .bytes())
                        .published(ImageFormat.OCI, LayerCompression.GZIP));
        docker.removeLater(reference);

        List<Process> pulls = IntStream.range(0, 4)
                .mapToObj(i -> docker.start("pull", reference))
                .toList();
        for (Process pull : pulls) {
            pull.getInputStream().readAllBytes();
            assertEquals(0, pull.waitFor());
        }

        assertEquals("29", docker.ok("run", "--rm", reference, "cat", "/layer-29"));
    }

    @Test
    void progress_is_reported_as_docker_does(Docker docker, Engine engine) throws Exception {
        String tag = docker.name("t");
        String reference =
                registry.push("progress", tag, own(docker).published(ImageFormat.OCI, LayerCompression.GZIP));
        docker.removeLater(reference);

        String stream = engine.post("/images/create?fromImage=" + registry.host() + "/progress&tag=" + tag)
                .is(200)
                .body();

        List<String> statuses = stream.lines()
                .map(line -> Docker.json(line).get("status").asText())
                .toList();
        assertEquals("Pulling from progress", statuses.getFirst());
        assertTrue(statuses.containsAll(List.of("Pulling fs layer", "Pull complete")), statuses::toString);
        assertTrue(statuses.stream().anyMatch(s -> s.startsWith("Digest: sha256:")));
        assertEquals("Status: Downloaded newer image for " + reference, statuses.getLast());
        assertEquals(
                tag,
                Docker.json(stream.lines().findFirst().orElseThrow()).get("id").asText());
    }

    @Test
    void what_is_not_there_is_said(Docker docker) {
        docker.call("pull", registry.reference("nosuch", "latest"))
                .exits(1)
                .saysError(
                        "manifest for .*/nosuch:latest not found: manifest unknown|repository name not known|not found");
        docker.call("pull", "127.0.0.1:1/nothing/listens").exits(1).saysError("connection refused");
        docker.call("pull", "Bad:Reference:x").exits(1).saysError("invalid reference format");
    }

    @ParameterizedTest
    @EnumSource(
            value = Fault.class,
            mode = EnumSource.Mode.EXCLUDE,
            names = {"NONE", "TOKEN_REQUIRED", "LAYER_TOO_LONG"})
    void a_registry_that_misbehaves_leaves_nothing_behind(Fault fault, Docker docker) throws Exception {
        try (FaultyRegistry faulty = FaultyRegistry.start()) {
            PublishedImage image = own(docker).published(ImageFormat.DOCKER, LayerCompression.GZIP);
            String reference = faulty.put("v1", image);
            docker.removeLater(reference);
            String asked = fault == Fault.MANIFEST_WRONG_DIGEST
                    ? reference.replace(":v1", "@" + image.top().digest())
                    : reference;
            faulty.fault(fault);

            // dockerd tries a broken layer five times, with 50 s of waiting between.
            Result result =
                    fault == Fault.LAYER_CUT ? docker.callWithin(120, "pull", asked) : docker.call("pull", asked);

            assertEquals(1, result.exitCode(), result::toString);
            assertFalse(result.err().isBlank());
            docker.call("image", "inspect", asked).exits(1);
            assertFalse(
                    docker.ok("images", "-q", "--no-trunc").contains(own(docker).id()));
            faulty.fault(Fault.NONE);
            docker.ok("pull", reference);
            assertEquals(docker.name("own"), docker.ok("run", "--rm", reference, "cat", "/own"));
        }
    }

    @Test
    void a_token_is_fetched_where_one_is_asked_for(Docker docker) throws Exception {
        try (FaultyRegistry guarded = FaultyRegistry.start()) {
            String reference = guarded.put("v1", own(docker).published(ImageFormat.DOCKER, LayerCompression.GZIP));
            docker.removeLater(reference);
            guarded.fault(Fault.TOKEN_REQUIRED);

            docker.ok("pull", reference);

            assertEquals(docker.name("own"), docker.ok("run", "--rm", reference, "cat", "/own"));
        }
    }
}
