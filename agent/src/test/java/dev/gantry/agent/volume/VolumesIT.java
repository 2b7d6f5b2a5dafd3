package dev.gantry.agent.volume;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.gantry.agent.api.AgentFailure;
import dev.gantry.agent.api.ContainerOperations.Volume;
import dev.gantry.agent.api.ContainerOperations.VolumeSpec;
import dev.gantry.agent.linux.Attributes;
import dev.gantry.agent.linux.ByteStrings;
import dev.gantry.agent.linux.Fd;
import dev.gantry.agent.linux.Nodes;
import dev.gantry.agent.linux.OpenFiles;
import dev.gantry.agent.linux.Stat;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Needs root, for owners and devices. */
class VolumesIT {
    @TempDir
    Path temporary;

    Volumes volumes;
    Path rootfs;

    @BeforeEach
    void open() throws IOException {
        assumeTrue(System.getProperty("user.name").equals("root"), "needs root");
        volumes = new Volumes(temporary.resolve("data"), new ObjectMapper());
        rootfs = Files.createDirectory(temporary.resolve("rootfs"));
    }

    @Test
    void volume_is_made_once_and_deleted_with_its_content() throws IOException {
        Volume made = volumes.ensure(spec("v"));
        Files.writeString(Path.of(made.mountpoint(), "f"), "kept");

        assertEquals(made, volumes.ensure(spec("v")));
        assertEquals(Path.of(made.mountpoint()), volumes.path("v"));
        assertTrue(made.mountpoint().endsWith("/agent/volumes/v/_data"));
        assertEquals("kept", Files.readString(Path.of(made.mountpoint(), "f")));
        volumes.delete("v");
        volumes.delete("v");
        assertFalse(Files.exists(Path.of(made.mountpoint())));
        volumes.awaitRemovals();
        assertEquals(List.of(), names(temporary.resolve("data/agent/volumes")));
    }

    @Test
    void names_that_are_paths_are_refused() {
        for (String name : new String[] {"", ".", "..", "a/b", "../x", ".hidden", "a\0b", "x".repeat(256), null}) {
            AgentFailure failure = assertThrows(AgentFailure.class, () -> volumes.ensure(spec(name)), name);
            assertEquals(AgentFailure.Code.BAD_REQUEST, failure.code());
            assertThrows(AgentFailure.class, () -> volumes.delete(name), name);
        }
    }

    @Test
    void image_content_is_copied_with_its_attributes() throws IOException {
        Path source = Files.createDirectories(rootfs.resolve("var/data"));
        Path file = Files.writeString(source.resolve("file"), "content");
        Files.createLink(source.resolve("hard"), file);
        Files.createDirectory(source.resolve("sub"));
        Files.createLink(source.resolve("sub/hard"), file);
        Files.createSymbolicLink(source.resolve("link"), Path.of("/etc/passwd"));
        try (Fd directory = directory(source)) {
            Nodes.makeNode(directory, "null", Stat.CHARACTER_DEVICE | 0600, 1, 3);
            Nodes.makeNode(directory, "pipe", Stat.FIFO | 0600, 0, 0);
            Attributes.chown(directory, "file", 33, 34);
            Attributes.setExtended(directory, "file", "user.note", new byte[] {1, 0, -1});
            Attributes.chmod(directory, "file", 04711);
            Attributes.chown(directory, 5, 6);
            Attributes.chmod(directory, 01777);
        }
        Files.setLastModifiedTime(file, FileTime.from(Instant.parse("2020-01-02T03:04:05.123456789Z")));
        volumes.ensure(spec("v"));

        volumes.copyUp("v", rootfs, "/var/data");

        Path copy = volumes.path("v");
        assertEquals(List.of("file", "hard", "link", "null", "pipe", "sub"), names(copy));
        assertEquals("content", Files.readString(copy.resolve("file")));
        assertEquals(Path.of("/etc/passwd"), Files.readSymbolicLink(copy.resolve("link")));
        try (Fd directory = directory(copy);
                Fd sub = directory(copy.resolve("sub"))) {
            Stat copied = Attributes.stat(directory, "file");
            assertEquals(04711, copied.permissions());
            assertEquals(33, copied.uid());
            assertEquals(34, copied.gid());
            assertEquals(3, copied.links());
            assertEquals(123_456_789, copied.modifiedNanos());
            assertEquals(copied.inode(), Attributes.stat(sub, "hard").inode());
            assertEquals(3, Attributes.extended(directory, "file", "user.note").length);
            assertEquals(3, Attributes.stat(directory, "null").minor());
            assertEquals(Stat.FIFO, Attributes.stat(directory, "pipe").type());
            assertEquals(01777, Attributes.stat(directory).permissions());
            assertEquals(5, Attributes.stat(directory).uid());
        }
        assertEquals(List.of("_data"), names(copy.getParent()));
    }

    @Test
    void volume_with_content_is_left_alone() throws IOException {
        Files.writeString(Files.createDirectory(rootfs.resolve("d")).resolve("image"), "i");
        Path data = Path.of(volumes.ensure(spec("v")).mountpoint());
        Files.writeString(data.resolve("own"), "o");

        volumes.copyUp("v", rootfs, "d");

        assertEquals(List.of("own"), names(data));
    }

    @Test
    void part_of_a_volume_is_found_within_it_only() throws IOException {
        Path data = Path.of(volumes.ensure(spec("v")).mountpoint());
        Files.createDirectories(data.resolve("d/e"));
        Files.createSymbolicLink(data.resolve("inside"), Path.of("d"));
        Files.createSymbolicLink(data.resolve("host"), Path.of("/etc"));
        Files.createSymbolicLink(data.resolve("up"), Path.of("../../.."));

        for (String part : List.of("d", "d/e", "inside/e", "d/../d", "inside")) {
            volumes.open("v", volumes.path("v"), part, OpenFiles.PATH).close();
        }
        for (String part : List.of("host", "up", "up/x", "d/../../v", "/etc")) {
            assertEquals(
                    "path concatenation escapes the base directory, base: " + data + ", subpath: " + part,
                    assertThrows(AgentFailure.class, () -> volumes.open("v", volumes.path("v"), part, OpenFiles.PATH))
                            .getMessage());
        }
        assertThrows(AgentFailure.class, () -> volumes.open("v", volumes.path("v"), "none", OpenFiles.PATH));
    }

    @Test
    void image_content_comes_into_an_empty_part_and_leaves_the_rest() throws IOException {
        Files.writeString(Files.createDirectory(rootfs.resolve("d")).resolve("image"), "i");
        Path data = Path.of(volumes.ensure(spec("v")).mountpoint());
        Files.createDirectories(data.resolve("part"));
        Files.writeString(data.resolve("own"), "o");

        volumes.copyUp("v", volumes.path("v"), "part", rootfs, "/d");
        volumes.copyUp("v", volumes.path("v"), "none", rootfs, "/d");

        assertEquals(List.of("image"), names(data.resolve("part")));
        assertEquals("o", Files.readString(data.resolve("own")));
    }

    @Test
    void target_that_the_image_does_not_have_copies_nothing() throws IOException {
        volumes.ensure(spec("v"));
        Files.writeString(rootfs.resolve("file"), "f");

        volumes.copyUp("v", rootfs, "/missing");
        volumes.copyUp("v", rootfs, "/file");

        assertEquals(List.of(), names(volumes.path("v")));
        assertThrows(AgentFailure.class, () -> volumes.copyUp("none", rootfs, "/"));
    }

    @Test
    void links_of_the_image_do_not_lead_outside() throws IOException {
        Path outside = Files.createDirectory(temporary.resolve("outside"));
        Files.writeString(outside.resolve("secret"), "s");
        Files.createSymbolicLink(rootfs.resolve("absolute"), outside);
        Files.createSymbolicLink(rootfs.resolve("relative"), Path.of("../outside"));
        volumes.ensure(spec("v"));

        volumes.copyUp("v", rootfs, "/absolute");
        volumes.copyUp("v", rootfs, "/relative");
        volumes.copyUp("v", rootfs, "/../outside");

        assertEquals(List.of(), names(volumes.path("v")));
    }

    @Test
    void deleting_does_not_follow_links() throws IOException {
        Path outside = Files.createDirectory(temporary.resolve("outside"));
        Files.writeString(outside.resolve("secret"), "s");
        Path data = Path.of(volumes.ensure(spec("v")).mountpoint());
        Files.createSymbolicLink(data.resolve("link"), outside);

        volumes.delete("v");

        volumes.awaitRemovals();
        assertTrue(Files.exists(outside.resolve("secret"), NOFOLLOW_LINKS));
    }

    @Test
    void copy_that_was_cut_short_is_undone_at_start() throws IOException {
        Path data = Path.of(volumes.ensure(spec("v")).mountpoint());
        Files.writeString(data.resolve("half"), "h");
        Files.createFile(data.resolveSibling("copying"));

        new Volumes(temporary.resolve("data"), new ObjectMapper());

        assertEquals(List.of("_data"), names(data.getParent()));
        assertEquals(List.of(), names(data));
    }

    private static VolumeSpec spec(String name) {
        return new VolumeSpec(name, "", Map.of());
    }

    private static Fd directory(Path path) throws IOException {
        return OpenFiles.open(ByteStrings.of(path), OpenFiles.READ | OpenFiles.DIRECTORY);
    }

    private static List<String> names(Path directory) throws IOException {
        try (Stream<Path> entries = Files.list(directory)) {
            return entries.map(entry -> entry.getFileName().toString()).sorted().toList();
        }
    }
}
