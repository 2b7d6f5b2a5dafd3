package dev.gantry.compatibility.instance;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.gantry.compatibility.docker.Docker;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** What an instance has on this machine and in its database; counted before and after, to see that nothing leaks. */
final class Holdings {
    /** Long enough for recovery, which looks every five seconds and gives a host five more to report. */
    private static final long SETTLE_SECONDS = 30;

    private static final List<String> TABLES = List.of(
            "container.containers",
            "container.execs",
            "container.volumes",
            "container.volume_uses",
            "image.image",
            "image.image_layer",
            "image.image_content",
            "image.reference",
            "network.networks",
            "network.endpoints",
            "network.ports",
            "container.outbox",
            "image.outbox",
            "network.outbox");

    /** Directories below which each entry belongs to something. */
    private static final List<String> DIRECTORIES = List.of(
            "data/content/staging",
            "data/content/blobs/sha256",
            "data/agent/containers",
            "data/agent/snapshots",
            "data/agent/snapshots/staging",
            "data/agent/snapshots/containers",
            "data/agent/snapshots/l",
            "data/agent/volumes",
            "run/agent/c",
            "run/agent/x",
            "run/agent/exits",
            "run/agent/oci",
            "run/agent/netns");

    private final Instance instance;
    private final Database database;

    Holdings(Instance instance, Database database) {
        this.instance = instance;
        this.database = database;
    }

    /** Their number once what earlier tests began is done: a request of theirs may have failed before all of it was undone. */
    Map<String, Long> settled() {
        new Ownership(instance, database).settle();
        return count();
    }

    /** Number of things, by what they are. */
    private Map<String, Long> count() {
        Map<String, Long> counts = new TreeMap<>();
        counts.put("mounts", lines(Path.of("/proc/self/mounts"), instance.run() + "/", instance.data() + "/"));
        counts.put("interfaces", interfaces());
        counts.put("firewall rules", (long)
                Commands.lines("nft", "list", "table", "inet", instance.name()).size());
        counts.put("supervisors", (long) new Supervisors(instance).byContainer().size());
        counts.put("cgroups", (long)
                new Supervisors(instance).cgroups(database.containersEver()).size());
        for (String directory : DIRECTORIES) {
            counts.put("files in " + directory, entries(instance.run().resolveSibling(directory)));
        }
        counts.putAll(database.count(TABLES));
        return counts;
    }

    /** Waits until the counts are these again. */
    void returnTo(Map<String, Long> before, String after) {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(SETTLE_SECONDS);
        Map<String, Long> now = count();
        while (!now.equals(before) && System.nanoTime() < end) {
            Docker.pause(200);
            now = count();
        }
        Map<String, Long> wanted = new TreeMap<>(before);
        wanted.entrySet().removeAll(now.entrySet());
        Map<String, Long> left = new TreeMap<>(now);
        left.entrySet().removeAll(before.entrySet());
        assertEquals(wanted, left, after);
    }

    private static long lines(Path file, String... having) {
        try (Stream<String> lines = Files.lines(file)) {
            return lines.filter(line -> Stream.of(having).anyMatch(line::contains))
                    .count();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The veth pairs' ends on the host carry the table's name as alias. */
    private long interfaces() {
        try (Stream<Path> all = Files.list(Path.of("/sys/class/net"))) {
            return all.filter(path ->
                            read(path.resolve("ifalias")).contains(instance.name()) || path.endsWith(instance.name()))
                    .count();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file, StandardCharsets.ISO_8859_1);
        } catch (IOException gone) {
            return "";
        }
    }

    private static long entries(Path directory) {
        try (Stream<Path> entries = Files.list(directory)) {
            return entries.count();
        } catch (NoSuchFileException e) {
            return 0;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
