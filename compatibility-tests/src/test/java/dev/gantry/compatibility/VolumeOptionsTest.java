package dev.gantry.compatibility;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.gantry.compatibility.docker.Docker;
import dev.gantry.compatibility.docker.EndpointTest;
import dev.gantry.compatibility.docker.Engine;
import dev.gantry.compatibility.docker.Images;
import dev.gantry.compatibility.docker.Result;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Options of the volume driver {@code local}: what is mounted, when, and what is said when that fails. */
@EndpointTest
class VolumeOptionsTest {
    private static String volume(Docker docker, String suffix, String... options) {
        List<String> command = new ArrayList<>(List.of("volume", "create"));
        for (String option : options) {
            command.addAll(List.of("--opt", option));
        }
        String name = docker.name(suffix);
        command.add(name);
        docker.ok(command.toArray(String[]::new));
        return name;
    }

    private static String bound(Docker docker, Path source, String options) {
        return volume(docker, "bound", "type=none", "o=" + options, "device=" + source);
    }

    private static Result run(Docker docker, String mount, String... command) {
        List<String> words = new ArrayList<>(List.of("run", "--rm", "-v", mount, Images.BUSYBOX));
        words.addAll(List.of(command));
        return docker.call(words.toArray(String[]::new));
    }

    @Test
    void a_directory_of_the_host_is_bound(Docker docker, @TempDir Path directory) throws IOException {
        Files.writeString(directory.resolve("f"), "said");
        String name = bound(docker, directory, "bind");

        assertEquals("said", run(docker, name + ":/x", "cat", "/x/f").text());
        run(docker, name + ":/x", "touch", "/x/made").exits(0);
        assertTrue(Files.exists(directory.resolve("made")));
        docker.ok("volume", "rm", name);
        assertEquals("said", Files.readString(directory.resolve("f")), "the host's own stays");
    }

    @Test
    void a_read_only_bind_cannot_be_written(Docker docker, @TempDir Path directory) {
        String name = bound(docker, directory, "bind,ro");

        run(docker, name + ":/x", "touch", "/x/f").exits(1).saysError("read-only file system");
    }

    @Test
    void options_are_shown(Docker docker, @TempDir Path directory) {
        JsonNode it = docker.inspect(bound(docker, directory, "bind"));

        assertEquals("none", it.at("/Options/type").asText());
        assertEquals("bind", it.at("/Options/o").asText());
        assertEquals(directory.toString(), it.at("/Options/device").asText());
        assertTrue(it.get("Mountpoint").asText().endsWith("/_data"));
    }

    @Test
    void memory_is_there_from_the_first_use_to_the_last(Docker docker) {
        String name = volume(docker, "memory", "type=tmpfs", "o=size=1m,uid=1000,noexec", "device=tmpfs");
        String first = docker.sleeping("first", "-v", name + ":/x");
        docker.ok("exec", first, "sh", "-c", "echo said > /x/f");
        String second = docker.sleeping("second", "-v", name + ":/y");

        assertEquals("said", docker.ok("exec", second, "cat", "/y/f"));
        String mounts = docker.ok("exec", second, "grep", " /y ", "/proc/mounts");
        assertTrue(mounts.contains("size=1024k") && mounts.contains("uid=1000") && mounts.contains("noexec"), mounts);
        docker.ok("rm", "-f", first);
        assertEquals("said", docker.ok("exec", second, "cat", "/y/f"));
        docker.ok("restart", "-t", "0", second);
        assertEquals("", docker.ok("exec", second, "ls", "/y"), "it was the last one for a moment");
        docker.ok("exec", second, "touch", "/y/g");
        docker.ok("rm", "-f", second);
        assertEquals("", run(docker, name + ":/x", "ls", "/x").text());
    }

    @Test
    void many_at_once_share_one_mount(Docker docker) {
        String name = volume(docker, "shared", "type=tmpfs", "device=tmpfs");
        String holder = docker.sleeping("holder", "-v", name + ":/x");
        List<CompletableFuture<Result>> all = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            String file = "/x/" + i;
            all.add(CompletableFuture.supplyAsync(() -> run(docker, name + ":/x", "touch", file)));
        }
        all.forEach(one -> one.join().exits(0));

        assertEquals(
                List.of("0", "1", "2", "3", "4", "5"),
                docker.call("exec", holder, "ls", "/x").lines());
    }

    @Test
    void what_the_image_has_fills_it(Docker docker, @TempDir Path directory) {
        String name = bound(docker, directory, "bind");

        run(docker, name + ":/bin", "true").exits(0);

        assertTrue(Files.exists(directory.resolve("sh")));
    }

    @Test
    void files_are_copied_out_of_it_and_into_it(Docker docker, @TempDir Path directory) throws IOException {
        Path source = Files.createDirectory(directory.resolve("source"));
        Path file = Files.writeString(directory.resolve("f"), "said");
        String name = docker.name("copied");
        docker.ok("create", "--name", name, "-v", bound(docker, source, "bind") + ":/x", Images.BUSYBOX);

        docker.ok("cp", file.toString(), name + ":/x/f");

        assertEquals("said", Files.readString(source.resolve("f")));
        docker.ok("cp", name + ":/x/f", directory.resolve("back").toString());
        assertEquals("said", Files.readString(directory.resolve("back")));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '~',
            value = {
                "type=none     ~ o=bind                        ~ device=/no/such         ~ failed to mount local volume: mount"
                        + " /no/such:MOUNTPOINT, flags: 0x1000: no such file or directory",
                "type=nosuchfs ~ o=                            ~ device=foo              ~ failed to mount local volume: mount"
                        + " foo:MOUNTPOINT: no such device",
                "type=tmpfs    ~ o=defaults,ro                 ~ device=tmpfs            ~ failed to mount local volume: mount"
                        + " tmpfs:MOUNTPOINT, flags: 0x1, data: defaults: invalid argument",
                "type=nfs      ~ o=addr=nosuch.invalid,rw      ~ device=:/x              ~ error resolving passed in network volume"
                        + " address: lookup nosuch.invalid: .*",
                "type=nosuchfs ~ o=password=secret,username=me ~ device=//127.0.0.1/x    ~ failed to mount local volume: mount"
                        + " //127.0.0.1/x:MOUNTPOINT, data: password=\\*{8},username=me: no such device",
                "type=none     ~ o=bind                        ~ device=                 ~ .*",
            })
    void what_cannot_be_mounted_is_told_at_the_start_and_leaves_nothing(
            String type, String options, String device, String message, Docker docker) {
        String name = volume(docker, "bad", type, options, device);
        String container = docker.name("c");
        String mountpoint = docker.ok("volume", "inspect", "-f", "{{.Mountpoint}}", name);
        docker.ok("create", "--name", container, "-v", name + ":/x:nocopy", Images.BUSYBOX, "true");

        Result start = docker.call("start", container).exits(1);

        String whole = "error while mounting volume '" + mountpoint + "': " + message.replace("MOUNTPOINT", mountpoint);
        start.saysError(whole);
        JsonNode state = docker.inspect(container).get("State");
        assertEquals("created", state.get("Status").asText());
        assertEquals(128, state.get("ExitCode").asInt());
        assertTrue(state.get("Error").asText().startsWith("error while mounting volume"), state.toString());
        docker.ok("rm", container);
        docker.ok("volume", "rm", name);
    }

    @Test
    void what_cannot_be_mounted_cannot_be_filled(Docker docker) {
        String name = volume(docker, "bad", "type=none", "o=bind", "device=/no/such");
        Engine.Answer answer = new Engine(docker.endpoint())
                .post(
                        "/v1.44/containers/create?name=" + docker.name("c"),
                        "{\"Image\":\"" + Images.BUSYBOX + "\",\"HostConfig\":{\"Binds\":[\"" + name + ":/bin\"]}}");

        answer.is(500);
        assertTrue(
                answer.message().startsWith("failed to populate volume: error while mounting volume '"),
                answer.message());
        docker.ok("volume", "rm", name);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '~',
            value = {
                "bogus=1    ~ invalid option: \"bogus\"",
                "type=x     ~ missing required option: \"device\"",
                "type=      ~ missing required option: \"device\"",
                "device=x   ~ missing required option: \"type\"",
                "size=abc   ~ invalid size: 'abc'",
                "size=-1    ~ invalid size: '-1'",
            })
    void what_is_no_option_is_refused(String option, String message, Docker docker) {
        String name = docker.name("refused");

        Result result = docker.call("volume", "create", "--opt", option, name).exits(1);

        assertTrue(result.err().contains("create " + name + ": " + message), result.err());
        docker.call("volume", "inspect", name).exits(1);
    }

    @Test
    void a_volume_that_there_is_stays_what_it_is(Docker docker) {
        String name = volume(docker, "same", "size=0");

        assertEquals(name, docker.ok("volume", "create", "--opt", "bogus=1", "--label", "a=b", name));
        docker.call("volume", "create", "-d", "nosuch", name)
                .exits(1)
                .saysError("create " + name + ": error looking up volume plugin nosuch: plugin \"nosuch\" not found");
        docker.call(
                        "run",
                        "--rm",
                        "--mount",
                        "type=volume,src=" + name + ",dst=/x,volume-opt=bogus=1",
                        Images.BUSYBOX,
                        "true")
                .exits(0);
        JsonNode it = docker.inspect(name);
        assertEquals("{\"size\":\"0\"}", it.get("Options").toString());
        assertTrue(it.get("Labels").isNull() || it.get("Labels").isEmpty(), it.toString());
    }

    @Test
    void a_mount_makes_one_with_options(Docker docker) {
        String name = docker.name("mounted");
        String mount = "type=volume,src=%s,dst=/x,volume-opt=type=tmpfs,volume-opt=device=tmpfs,volume-label=k=v";

        assertTrue(docker.ok(
                        "run", "--rm", "--mount", mount.formatted(name), Images.BUSYBOX, "grep", " /x ", "/proc/mounts")
                .startsWith("tmpfs "));
        JsonNode it = docker.inspect(name);
        assertEquals("tmpfs", it.at("/Options/type").asText());
        assertEquals("v", it.at("/Labels/k").asText());
        assertTrue(
                docker.ok("run", "--rm", "--mount", mount.formatted(""), Images.BUSYBOX, "grep", " /x ", "/proc/mounts")
                        .startsWith("tmpfs "));
        docker.call(
                        "run",
                        "--rm",
                        "--mount",
                        "type=volume,src=" + docker.name("bad")
                                + ",dst=/x,volume-opt=type=none,volume-opt=device=/no/such,volume-opt=o=bind,volume-nocopy",
                        Images.BUSYBOX,
                        "true")
                .saysError("error while mounting volume");
    }

    /** dockerd's: what is mounted might be anybody's. */
    @Test
    void one_with_options_is_neither_pruned_nor_measured(Docker docker, @TempDir Path directory) {
        String name = docker.name("bound");
        docker.ok(
                "volume",
                "create",
                "--label",
                "of=" + name,
                "--opt",
                "type=none",
                "--opt",
                "o=bind",
                "--opt",
                "device=" + directory,
                name);

        docker.ok("volume", "prune", "-f", "--all", "--filter", "label=of=" + name);

        docker.ok("volume", "inspect", name);
        assertFalse(docker.ok("system", "df", "-v").contains(name));
    }
}
