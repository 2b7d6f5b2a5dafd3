package dev.gantry.compatibility.instance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.gantry.compatibility.docker.Docker;
import dev.gantry.compatibility.docker.Images;
import dev.gantry.compatibility.docker.Images.Tar;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code gantry backup} of an instance under load, and {@code gantry restore} of it into new directories. */
@InstanceTest
class BackupTest {
    private static final String ORPHAN = "orphan";
    private static final List<String> KEPT = List.of("created", "ended", "running", ORPHAN);
    private static final String WRITE_ONCE =
            "[ -e /own ] || { cd /data; echo x >file; ln -s /etc/passwd link; ln file hard; cp /bin/busybox su;"
                    + " chmod 4755 su; chown 7:8 file; echo mine >/own; rm /etc/group; }; echo up; exec sleep 10000";
    private static final String READ =
            "cat /own /data/file; stat -c '%a %u:%g %h' /data/su /data/file; readlink /data/link; ls /etc/group";
    private static final String MANIFEST = "format 1\ngantry 0.0.1\n";

    @TempDir
    static Path directory;

    private Path backup;
    private Knowledge before;
    private List<JsonNode> eventsInTheEnd;
    private Instance restored;

    /** What an instance tells of that which the load leaves alone. */
    private record Knowledge(List<JsonNode> events, String containers, Set<String> images, Set<String> networks) {
        static Knowledge of(Docker docker) {
            List<String> inspect =
                    new ArrayList<>(List.of("inspect", "-f", "{{.Id}} {{.Name}} {{.Image}} {{.Created}} {{.Path}}"));
            inspect.addAll(KEPT);
            return new Knowledge(
                    BackupTest.events(docker),
                    docker.ok(inspect.toArray(String[]::new)),
                    lines(docker, "images", "--no-trunc", "--format", "{{.ID}} {{.Repository}}:{{.Tag}}"),
                    lines(docker, "network", "ls", "--no-trunc", "--format", "{{.ID}} {{.Name}} {{.Driver}}"));
        }
    }

    private static Set<String> lines(Docker docker, String... command) {
        return new TreeSet<>(docker.call(command).lines());
    }

    /** Until now: for {@code --until 0s} clients send the last whole second. */
    private static List<JsonNode> events(Docker docker) {
        Instant now = Instant.now();
        String until = "%d.%09d".formatted(now.getEpochSecond(), now.getNano());
        return docker.call("events", "--since", "0", "--until", until, "--format", "{{json .}}").lines().stream()
                .map(Docker::json)
                .toList();
    }

    @BeforeAll
    void restore() throws Exception {
        backup = directory.resolve("backup");
        try (Instance instance = Instance.start(Topology.TOGETHER)) {
            Docker docker = instance.docker();
            prepare(docker);
            before = Knowledge.of(docker);
            try (BackupLoad load = new BackupLoad(instance)) {
                load.awaitRounds();
                Launcher.Outcome made = instance.launcher("backup", backup.toString());
                assertEquals(0, made.exitCode(), made.printed());
                load.awaitRounds();
            }
            eventsInTheEnd = events(docker);
            refused(1, instance.launcher("restore", backup.toString()), "of this instance runs");
        }
        restored = Instance.restored(Topology.TOGETHER, backup);
    }

    private static void prepare(Docker docker) throws IOException {
        docker.ok("network", "create", "--subnet", "10.213.77.0/24", "inner");
        docker.ok("volume", "create", "--label", "kept=yes", "full");
        docker.ok("create", "--name", "created", Images.BUSYBOX, "echo", "started");
        docker.call("run", "--name", "ended", Images.BUSYBOX, "sh", "-c", "echo said; exit 7")
                .exits(7);
        String[] place = {"--network", "inner", "-v", "full:/data"};
        docker.ok(
                "run",
                "-d",
                "--name",
                "running",
                place[0],
                place[1],
                place[2],
                place[3],
                Images.BUSYBOX,
                "sh",
                "-c",
                WRITE_ONCE);
        docker.awaitOutput("running", "up");
        Tar layer = new Tar().directory("bin", 0755).directory("proc", 0755);
        layer.file("bin/echo", Files.readAllBytes(Path.of("/bin/busybox")), 0755);
        Images.Built image = Images.built(layer.bytes(), "{\"Cmd\":[\"/bin/echo\",\"orphaned\"]}", "amd64");
        docker.callWithInput(image.archive(ORPHAN), "load").exits(0);
        docker.ok("run", "--name", ORPHAN, ORPHAN);
        docker.ok("rmi", "-f", image.id());
    }

    @AfterAll
    void stop() {
        if (restored != null) {
            restored.close();
        }
    }

    @Test
    void file_is_its_owners_alone_and_nothing_is_left_beside_it_or_the_new_directories() throws IOException {
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(backup)));
        assertFalse(names(directory).contains("backup.part"));
        assertEquals(
                List.of("data", "log", "properties", "run"),
                names(restored.data().getParent()));
    }

    private static List<String> names(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    @Test
    void what_was_there_is_there_and_what_ran_has_ended() {
        Docker docker = restored.docker();
        Knowledge now = Knowledge.of(docker);

        assertEquals(before.containers(), now.containers());
        assertTrue(now.images().containsAll(before.images()), () -> before.images() + " became " + now.images());
        assertTrue(now.networks().containsAll(before.networks()), () -> "" + before.networks() + now.networks());
        assertEquals("yes", docker.ok("volume", "inspect", "-f", "{{.Labels.kept}}", "full"));
        assertEquals("7", docker.ok("inspect", "-f", "{{.State.ExitCode}}", "ended"));
        assertEquals("said", docker.ok("logs", "ended"));
        List<String> ends = now.events().stream()
                .filter(event -> event.at("/Actor/Attributes/name").asText().equals("running"))
                .filter(event -> event.get("Action").asText().equals("die"))
                .map(event -> event.at("/Actor/Attributes/exitCode").asText())
                .toList();
        assertEquals(List.of("255"), ends);
    }

    @Test
    void every_container_and_image_can_be_started() {
        Docker docker = restored.docker();

        assertEquals("started", docker.ok("start", "-a", "created"));
        assertEquals("said", docker.call("start", "-a", "ended").exits(7).out().strip());
        assertEquals("orphaned", docker.ok("start", "-a", ORPHAN));
        docker.ok("start", "running");
        assertEquals(
                List.of("mine", "x", "4755 0:0 1", "644 7:8 2", "/etc/passwd"),
                docker.call("exec", "running", "sh", "-c", READ)
                        .exits(1)
                        .out()
                        .lines()
                        .toList());
        for (String image : lines(docker, "images", "-q")) {
            docker.ok("run", "--rm", image, "/bin/true");
        }
    }

    /** Of the other instance's events, all up to one moment, and behind them its own. */
    @Test
    void events_are_those_of_one_moment_each_of_them_once() {
        Docker docker = restored.docker();
        docker.ok("run", "--rm", "--name", "afterwards", Images.BUSYBOX, "true");
        List<JsonNode> now = events(docker);

        assertEquals(new LinkedHashSet<>(now).size(), now.size(), "some twice");
        assertTrue(new HashSet<>(now).containsAll(before.events()), "some are lost");
        Set<JsonNode> known = new HashSet<>(eventsInTheEnd);
        List<JsonNode> taken = now.stream().filter(known::contains).toList();
        long last = eventsInTheEnd.getLast().get("timeNano").asLong();
        now.stream()
                .filter(event -> !known.contains(event))
                .forEach(event -> assertTrue(event.get("timeNano").asLong() > last, () -> "unknown before: " + event));
        for (JsonNode event : taken) {
            JsonNode subject = event.at("/Actor/ID");
            assertEquals(
                    of(subject, taken),
                    of(subject, eventsInTheEnd).subList(0, of(subject, taken).size()));
        }
        assertEquals(
                List.of("create", "start", "die", "destroy"),
                now.stream()
                        .filter(event ->
                                event.at("/Actor/Attributes/name").asText().equals("afterwards"))
                        .map(event -> event.get("Action").asText())
                        .filter(action -> !action.equals("attach"))
                        .toList());
    }

    private static List<JsonNode> of(JsonNode subject, List<JsonNode> events) {
        return events.stream()
                .filter(event -> event.at("/Actor/ID").equals(subject))
                .toList();
    }

    @Test
    void things_are_those_whose_making_was_told_and_whose_end_was_not() {
        Docker docker = restored.docker();
        List<JsonNode> events = events(docker);

        assertEquals(alive("container", events), lines(docker, "ps", "-aq", "--no-trunc"));
        assertEquals(alive("volume", events), lines(docker, "volume", "ls", "-q"));
        Set<String> networks = lines(docker, "network", "ls", "-q", "--no-trunc", "--filter", "type=custom");
        assertEquals(alive("network", events), networks);
    }

    private static Set<String> alive(String type, List<JsonNode> events) {
        Set<String> alive = new TreeSet<>();
        for (JsonNode event : events) {
            if (event.get("Type").asText().equals(type)) {
                String id = event.at("/Actor/ID").asText();
                switch (event.get("Action").asText()) {
                    case "create" -> alive.add(id);
                    case "destroy" -> alive.remove(id);
                    default -> {}
                }
            }
        }
        return alive;
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    backup | backup needs a file
                    restore | restore needs a file
                    backup --now | unknown option --now of backup
                    backup one two | unknown argument two of backup
                    backup /no/such/file | there is no directory /no/such
                    backup /tmp | /tmp is no ordinary file
                    restore /no/such/file | there is no file /no/such/file
                    """)
    void what_is_not_understood_is_named(String arguments, String says) {
        refused(2, Launcher.call(configuration(""), arguments.split(" ")), says);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "gantry.postgres.jdbc-url=jdbc:postgresql://db/gantry",
                "gantry.kafka.bootstrap-servers=kafka:9092"
            })
    void servers_of_others_are_refused(String setting) {
        refused(2, Launcher.call(configuration(setting), "backup", "file"), setting.split("=")[0]);
        refused(2, Launcher.call(configuration(setting), "restore", backup.toString()), setting.split("=")[0]);
    }

    @Test
    void file_that_is_not_whole_changes_nothing() throws IOException {
        byte[] whole = Files.readAllBytes(backup);
        Path file = directory.resolve("changed");
        for (int length : List.of(0, whole.length / 2, whole.length - 1)) {
            Files.write(file, Arrays.copyOf(whole, length));
            refusedWithoutTrace(file, "is no backup, or not all of it");
        }
        whole[whole.length / 2] ^= 1;
        Files.write(file, whole);
        refusedWithoutTrace(file, "or has changed since");
    }

    @Test
    void directory_that_is_not_empty_is_left_as_it_is() throws IOException {
        Path configuration = configuration("");
        Path data = Files.createDirectories(configuration.resolveSibling("data"));
        Files.writeString(data.resolve("precious"), "");

        refused(1, Launcher.call(configuration, "restore", backup.toString()), "is not empty");

        assertEquals(List.of("precious"), names(data));
    }

    @Test
    void file_that_others_could_have_written_is_refused() throws IOException {
        Path file = Files.copy(backup, directory.resolve("theirs"));
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-rw----"));
        refusedWithoutTrace(file, "is not root's alone");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        Files.setAttribute(file, "unix:uid", 65534);
        refusedWithoutTrace(file, "is not root's alone");
    }

    @ParameterizedTest
    @ValueSource(strings = {"format 2\ngantry 0.0.1\n", "format 1\ngantry 99.0.0\n", ""})
    void file_of_another_version_is_refused(String manifest) throws IOException {
        refusedWithoutTrace(signed(new Tar().text("gantry-backup", manifest)), "is of another version");
    }

    @Test
    void members_that_lead_elsewhere_are_refused() throws IOException {
        List<Tar> hostile = List.of(
                manifest().text("../outside", "x"),
                manifest().text("content/blobs/sha256/../../../../outside", "x"),
                manifest().link("agent", "/etc"),
                manifest().link("agent/volumes/v/_data", "/etc"),
                manifest().link("kafka/data/meta.properties", "/etc/passwd"),
                manifest().file("database", new byte[0], 06755));
        for (Tar tar : hostile) {
            refusedWithoutTrace(signed(tar), "holds what no backup has");
        }
    }

    /** A link of a volume's is in the way of what comes next, and leads nowhere for it. */
    @Test
    void links_in_volumes_are_not_followed() throws IOException {
        Path outside = Files.createDirectories(directory.resolve("outside"));
        refusedWithoutTrace(
                signed(manifest()
                        .directory("agent/volumes/v/_data", 0755)
                        .link("agent/volumes/v/_data/way", outside.toString())
                        .text("agent/volumes/v/_data/way/planted", "x")),
                "could not be unpacked");
        assertEquals(List.of(), names(outside));
    }

    private static Tar manifest() {
        return new Tar().text("gantry-backup", MANIFEST);
    }

    /** As a backup ends. */
    private static Path signed(Tar tar) throws IOException {
        byte[] bytes = tar.bytes();
        Path file = Files.write(directory.resolve("signed"), bytes);
        String trailer = "sha256 " + Images.sha256(bytes) + "\n";
        return Files.writeString(file, trailer, StandardOpenOption.APPEND);
    }

    private static void refusedWithoutTrace(Path file, String says) throws IOException {
        Path configuration = configuration("");
        refused(1, Launcher.call(configuration, "restore", file.toString()), says);
        assertEquals(List.of("properties"), names(configuration.getParent()));
    }

    private static void refused(int code, Launcher.Outcome outcome, String says) {
        assertEquals(code, outcome.exitCode(), outcome.printed());
        String last = outcome.lines().getLast();
        assertTrue(last.startsWith("gantry: ") && last.contains(says), outcome.printed());
    }

    /** Of an instance that was never there. */
    private static Path configuration(String more) {
        try {
            Path place = Files.createTempDirectory(directory, "nowhere");
            List<String> lines = List.of(
                    "gantry.data-dir=" + place.resolve("data"),
                    "gantry.run-dir=" + place.resolve("run"),
                    "gantry.log-dir=" + place.resolve("log"),
                    more);
            return Files.write(place.resolve("properties"), lines);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
