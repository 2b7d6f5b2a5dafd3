package dev.gantry.compatibility;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.gantry.compatibility.docker.Docker;
import dev.gantry.compatibility.docker.EndpointTest;
import dev.gantry.compatibility.docker.Engine;
import dev.gantry.compatibility.docker.Images;
import dev.gantry.compatibility.docker.VolumePlugin;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Volume plug-ins by dockerd's protocol: a plug-in of the test's own, which listens where the endpoint looks for plug-ins
 * ({@code -Dgantry.compatibility.plugin-directory}).
 */
@EndpointTest
class VolumePluginsTest {
    private static final Path PLUGINS =
            Path.of(System.getProperty("gantry.compatibility.plugin-directory", "/run/docker/plugins"));

    private final String driver = "gc" + UUID.randomUUID().toString().substring(0, 8);

    @TempDir
    Path directory;

    private VolumePlugin plugin;

    @BeforeEach
    void listen() throws IOException {
        try {
            Files.createDirectories(PLUGINS);
        } catch (IOException e) {
            assumeTrue(false, "no directory for plug-ins: " + e.getMessage());
        }
        assumeTrue(Files.isWritable(PLUGINS), "needs to write to " + PLUGINS);
        plugin = new VolumePlugin(PLUGINS.resolve(driver + ".sock"), directory, "global");
    }

    @AfterEach
    void close() throws IOException {
        if (plugin != null) {
            plugin.close();
        }
    }

    private String create(Docker docker, String suffix, String... options) {
        String name = docker.name(suffix);
        String[] command = new String[5 + 2 * options.length];
        System.arraycopy(new String[] {"volume", "create", "-d", driver}, 0, command, 0, 4);
        for (int i = 0; i < options.length; i++) {
            command[4 + 2 * i] = "--opt";
            command[5 + 2 * i] = options[i];
        }
        command[command.length - 1] = name;
        docker.ok(command);
        return name;
    }

    @Test
    void a_volume_of_a_plugin_is_made_shown_used_and_removed(Docker docker) {
        String name = create(docker, "v", "a=b");

        JsonNode it = docker.inspect(name);
        assertEquals(driver, it.get("Driver").asText());
        assertEquals("global", it.get("Scope").asText());
        assertEquals("b", it.at("/Options/a").asText());
        assertEquals("v", it.at("/Status/k").asText());
        assertEquals("2020-01-02T03:04:05Z", it.get("CreatedAt").asText());
        assertEquals(directory.resolve(name).toString(), it.get("Mountpoint").asText());
        docker.ok("run", "--rm", "-v", name + ":/x", Images.BUSYBOX, "touch", "/x/made");
        assertTrue(Files.exists(directory.resolve(name).resolve("made")));
        Docker.await("all uses to be ended", () -> plugin.mounted(name).isEmpty());
        docker.ok("volume", "rm", name);
        assertFalse(plugin.has(name));
        docker.call("volume", "inspect", name).exits(1).saysError("no such volume");
    }

    @Test
    void it_is_mounted_while_containers_use_it(Docker docker) {
        String name = create(docker, "v");
        String first = docker.sleeping("first", "-v", name + ":/x");
        String second = docker.sleeping("second", "-v", name + ":/x");

        assertEquals(2, plugin.mounted(name).size());
        docker.call("volume", "rm", name).exits(1).saysError("volume is in use");
        docker.ok("rm", "-f", first);
        assertEquals(1, plugin.mounted(name).size());
        docker.ok("rm", "-f", second);
        assertEquals(0, plugin.mounted(name).size());
    }

    @Test
    void containers_have_theirs_made(Docker docker) {
        String name = docker.name("made");
        String container = docker.name("c");
        docker.ok(
                "create",
                "--name",
                container,
                "--volume-driver",
                driver,
                "-v",
                name + ":/x",
                "-v",
                "/y",
                Images.BUSYBOX);

        assertTrue(plugin.has(name));
        for (JsonNode mount : docker.inspect(container).get("Mounts")) {
            assertEquals(driver, mount.get("Driver").asText());
            assertEquals("", mount.get("Source").asText());
            assertEquals("", mount.get("Mode").asText());
        }
        docker.ok("rm", "-v", container);
        String other = docker.name("other");
        docker.ok(
                "run",
                "--rm",
                "--mount",
                "type=volume,src=" + other + ",dst=/x,volume-driver=" + driver + ",volume-opt=a=b",
                Images.BUSYBOX,
                "touch",
                "/x/f");
        assertEquals("b", docker.inspect(other).at("/Options/a").asText());
        assertTrue(Files.exists(directory.resolve(other).resolve("f")));
    }

    @Test
    void image_content_fills_it(Docker docker) {
        String name = create(docker, "v");

        docker.ok("run", "--rm", "-v", name + ":/bin", Images.BUSYBOX, "true");

        assertTrue(Files.exists(directory.resolve(name).resolve("sh")));
    }

    @Test
    void what_others_made_is_listed_and_used(Docker docker) throws IOException {
        String name = docker.name("others");
        plugin.make(name);
        Files.writeString(directory.resolve(name).resolve("f"), "said");
        Docker.await("the plug-in to be noticed", () -> docker.ok("volume", "ls", "-q", "--filter", "driver=" + driver)
                .contains(name));

        assertEquals(driver, docker.inspect(name).get("Driver").asText());
        assertEquals("said", docker.ok("run", "--rm", "-v", name + ":/x", Images.BUSYBOX, "cat", "/x/f"));
        Docker.await("info to show it", () -> docker.ok("info", "-f", "{{json .Plugins.Volume}}")
                .contains(driver));
        docker.ok("volume", "rm", name);
        assertFalse(plugin.has(name));
    }

    @Test
    void what_the_plugin_refuses_is_told(Docker docker) {
        docker.call("volume", "create", "-d", driver, "--opt", "create=not today", docker.name("no"))
                .exits(1)
                .saysError("create " + docker.name("no") + ": not today");
        docker.call("volume", "inspect", docker.name("no")).exits(1);

        String unmountable = create(docker, "unmountable", "mount=cannot");
        docker.call("run", "--rm", "-v", unmountable + ":/x", Images.BUSYBOX, "true")
                .exits(125)
                .saysError("error while mounting volume '': cannot");
        docker.call("run", "--rm", "-v", unmountable + ":/bin", Images.BUSYBOX, "true")
                .exits(125)
                .saysError("failed to populate volume: error while mounting volume '': cannot");
        assertEquals(List.of(), plugin.mounted(unmountable));

        String unremovable = create(docker, "unremovable", "remove=it stays");
        docker.call("volume", "rm", unremovable).exits(1).saysError("remove " + unremovable + ": it stays");
        docker.call("volume", "rm", "-f", unremovable).exits(1).saysError("it stays");
        docker.ok("volume", "inspect", unremovable);
    }

    @Test
    void a_name_is_of_one_driver(Docker docker) {
        String theirs = create(docker, "theirs");
        String ours = docker.name("ours");
        docker.ok("volume", "create", ours);
        String unique = "create %s: driver '%s' already has volume '%s': volume name must be unique";

        docker.call("volume", "create", "-d", "local", theirs)
                .exits(1)
                .saysError(unique.formatted(theirs, driver, theirs));
        docker.call("volume", "create", "-d", driver, ours).exits(1).saysError(unique.formatted(ours, "local", ours));
        Engine engine = new Engine(docker.endpoint());
        engine.post("/v1.44/volumes/create", "{\"Name\":\"" + theirs + "\",\"Driver\":\"local\"}")
                .is(409);
        assertEquals(
                driver,
                engine.post("/v1.44/volumes/create", "{\"Name\":\"" + theirs + "\"}")
                        .is(201)
                        .json()
                        .get("Driver")
                        .asText());
        docker.call("create", "--volume-driver", driver, "-v", ours + ":/x", Images.BUSYBOX)
                .exits(1)
                .saysError(unique.formatted(ours, "local", ours));
        docker.ok("create", "--name", docker.name("c"), "-v", theirs + ":/x", Images.BUSYBOX);
    }

    @Test
    void it_is_not_pruned(Docker docker) {
        String name = docker.name("kept");
        docker.ok("volume", "create", "-d", driver, "--label", "of=" + name, name);

        docker.ok("volume", "prune", "-f", "-a", "--filter", "label=of=" + name);

        assertTrue(plugin.has(name));
        docker.ok("volume", "inspect", name);
    }

    @Test
    void it_is_found_by_a_file_that_says_where_it_listens(Docker docker) throws IOException {
        Path elsewhere = directory.resolve("p.sock");
        Path specifications =
                Path.of(System.getProperty("gantry.compatibility.plugin-specifications", "/etc/docker/plugins"));
        Path file = specifications.resolve(driver + "s.spec");
        try (VolumePlugin other = new VolumePlugin(elsewhere, directory, "local")) {
            Files.createDirectories(specifications);
            Files.writeString(file, "unix://" + elsewhere + "\n");

            docker.ok("volume", "create", "-d", driver + "s", docker.name("v"));

            assertTrue(other.has(docker.name("v")));
            assertEquals("local", docker.inspect(docker.name("v")).get("Scope").asText());
            docker.ok("volume", "rm", docker.name("v"));
        } finally {
            Files.deleteIfExists(file);
        }
    }
}
