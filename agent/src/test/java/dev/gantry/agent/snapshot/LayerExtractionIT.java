package dev.gantry.agent.snapshot;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static java.nio.file.LinkOption.NOFOLLOW_LINKS;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.gantry.agent.linux.Attributes;
import dev.gantry.agent.linux.ByteStrings;
import dev.gantry.agent.linux.ErrnoException;
import dev.gantry.agent.linux.Fd;
import dev.gantry.agent.linux.Nodes;
import dev.gantry.agent.linux.OpenFiles;
import dev.gantry.agent.linux.Stat;
import dev.gantry.tar.EntryName;
import dev.gantry.tar.TarReader;
import dev.gantry.tar.testing.TarArchive;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Needs root, for owners, devices and overlayfs attributes. */
class LayerExtractionIT {
    @TempDir
    Path temporary;

    Path root;
    Path outside;

    @BeforeEach
    void makeDirectories() throws IOException {
        assumeTrue(System.getProperty("user.name").equals("root"), "needs root");
        root = Files.createDirectory(temporary.resolve("root"));
        outside = Files.createDirectory(temporary.resolve("outside"));
        Files.writeString(outside.resolve("secret"), "untouched");
    }

    @Test
    void metadata_is_as_the_tar_says() throws IOException {
        String capability = "\u0001\u0000\u0000\u0002\u0080\u00ff\u0000\u0000\u0000\u0000\u0000\u0000"
                + "\u0000\u0000\u0000\u0000\u0000\u0000\u0000\u0000";
        extract(new TarArchive()
                .add(TarArchive.directory("d/").mode(02750).owner(5, 6).pax("mtime", "1600000000.000000007"))
                .add(
                        TarArchive.file("d/su")
                                .mode(06755)
                                .owner(1000, 1001)
                                .pax("mtime", "1600000001.123456789")
                                .pax("SCHILY.xattr.security.capability", capability)
                                .pax("SCHILY.xattr.user.note", "hi"),
                        "content")
                .add(TarArchive.symbolicLink("d/link", "/nowhere").owner(9, 9).modified(1_600_000_002)));

        Stat directory = stat("d");
        assertEquals(02750, directory.permissions());
        assertEquals(5, directory.uid());
        assertEquals(1_600_000_000L, directory.modifiedSeconds());
        assertEquals(7, directory.modifiedNanos());
        Stat file = stat("d/su");
        assertEquals(06755, file.permissions());
        assertEquals(1000, file.uid());
        assertEquals(1001, file.gid());
        assertEquals(123_456_789, file.modifiedNanos());
        assertEquals("content", Files.readString(root.resolve("d/su")));
        assertArrayEquals(capability.getBytes(ISO_8859_1), attribute("d/su", "security.capability"));
        assertArrayEquals("hi".getBytes(UTF_8), attribute("d/su", "user.note"));
        Stat link = stat("d/link");
        assertEquals(Stat.SYMBOLIC_LINK, link.type());
        assertEquals(9, link.uid());
        assertEquals(1_600_000_002L, link.modifiedSeconds());
    }

    @Test
    void hard_links_devices_and_fifos_are_made() throws IOException {
        extract(new TarArchive()
                .add(TarArchive.file("a/one"), "1")
                .add(TarArchive.hardLink("b/two", "/a/one"))
                .add(new TarArchive.Member('3', "null").device(1, 3).mode(0666))
                .add(new TarArchive.Member('4', "disk").device(259, 300).mode(0600))
                .add(new TarArchive.Member('6', "pipe").mode(0622)));

        assertEquals(stat("a/one").inode(), stat("b/two").inode());
        assertEquals(2, stat("b/two").links());
        Stat character = stat("null");
        assertEquals(Stat.CHARACTER_DEVICE, character.type());
        assertEquals(1, character.major());
        assertEquals(3, character.minor());
        assertEquals(0666, character.permissions());
        Stat block = stat("disk");
        assertEquals(Stat.BLOCK_DEVICE, block.type());
        assertEquals(259, block.major());
        assertEquals(300, block.minor());
        assertEquals(Stat.FIFO, stat("pipe").type());
    }

    @Test
    void sparse_file_keeps_its_size_and_holes() throws IOException {
        long size = extract(new TarArchive()
                .add(
                        TarArchive.file("holes")
                                .pax("GNU.sparse.map", "1048576,3")
                                .pax("GNU.sparse.size", "10485760"),
                        "abc"));

        assertEquals(10_485_760, size);
        assertEquals(10_485_760, Files.size(root.resolve("holes")));
        try (var file = Files.newByteChannel(root.resolve("holes"))) {
            ByteBuffer three = ByteBuffer.allocate(3);
            file.position(1_048_576).read(three);
            assertEquals("abc", new String(three.array(), UTF_8));
        }
    }

    @Test
    void names_that_are_not_text_survive() throws IOException {
        extract(new TarArchive().add(TarArchive.file("caf\u00e9\u00ff"), "x"));

        try (Fd directory = OpenFiles.open(ByteStrings.of(root), OpenFiles.READ | OpenFiles.DIRECTORY)) {
            assertEquals("caf\u00e9\u00ff", Nodes.list(directory).getFirst().name());
        }
    }

    @Test
    void absolute_names_stay_inside() throws IOException {
        extract(new TarArchive().add(TarArchive.file(outside + "/secret"), "evil"));

        assertEquals("untouched", Files.readString(outside.resolve("secret")));
        assertEquals("evil", Files.readString(root.resolve("." + outside + "/secret")));
    }

    @Test
    void names_above_the_root_are_refused() {
        assertThrows(
                IOException.class, () -> extract(new TarArchive().add(TarArchive.file("../outside/secret"), "evil")));
        assertThrows(
                IOException.class, () -> extract(new TarArchive().add(TarArchive.file("a/../../outside/x"), "evil")));

        assertFalse(Files.exists(outside.resolve("x")));
    }

    @Test
    void links_on_the_way_are_resolved_inside() throws IOException {
        extract(new TarArchive()
                .add(TarArchive.directory("etc"))
                .add(TarArchive.symbolicLink("absolute", "/etc"))
                .add(TarArchive.symbolicLink("up", "../../../../../etc"))
                .add(TarArchive.file("absolute/one"), "1")
                .add(TarArchive.file("up/two"), "2"));

        assertEquals("1", Files.readString(root.resolve("etc/one")));
        assertEquals("2", Files.readString(root.resolve("etc/two")));
    }

    @Test
    void link_to_the_outside_leads_nowhere() {
        assertThrows(
                IOException.class,
                () -> extract(new TarArchive()
                        .add(TarArchive.symbolicLink("out", outside.toString()))
                        .add(TarArchive.file("out/secret"), "evil")));

        assertTrue(Files.exists(outside.resolve("secret")));
    }

    @Test
    void file_replaces_a_link_instead_of_writing_through_it() throws IOException {
        extract(new TarArchive()
                .add(TarArchive.symbolicLink("f", outside + "/secret"))
                .add(TarArchive.file("f"), "mine"));

        assertEquals("untouched", Files.readString(outside.resolve("secret")));
        assertTrue(Files.isRegularFile(root.resolve("f"), NOFOLLOW_LINKS));
    }

    @Test
    void file_replaces_a_device_instead_of_writing_into_it() throws IOException {
        extract(new TarArchive()
                .add(new TarArchive.Member('3', "full").device(1, 7))
                .add(TarArchive.file("full"), "not written to /dev/full"));

        assertEquals("not written to /dev/full", Files.readString(root.resolve("full")));
    }

    @Test
    void later_member_of_a_name_wins_whatever_it_is() throws IOException {
        extract(new TarArchive()
                .add(TarArchive.file("x/deep/file"), "1")
                .add(TarArchive.file("x"), "now a file")
                .add(TarArchive.file("y"), "1")
                .add(TarArchive.directory("y").mode(0700))
                .add(TarArchive.symbolicLink("z", "/etc"))
                .add(TarArchive.directory("z"))
                .add(TarArchive.file("z/f"), "2"));

        assertEquals("now a file", Files.readString(root.resolve("x")));
        assertTrue(Files.isDirectory(root.resolve("y")));
        assertTrue(Files.isDirectory(root.resolve("z"), NOFOLLOW_LINKS));
        assertEquals("2", Files.readString(root.resolve("z/f")));
    }

    @Test
    void hard_links_cannot_reach_the_outside() {
        for (String target : new String[] {outside + "/secret", "../outside/secret", "out/secret"}) {
            assertThrows(
                    IOException.class,
                    () -> extract(new TarArchive()
                            .add(TarArchive.symbolicLink("out", outside.toString()))
                            .add(TarArchive.hardLink("stolen", target))));
            assertFalse(Files.exists(root.resolve("stolen")), target);
        }
    }

    @Test
    void whiteouts_become_what_overlayfs_knows() throws IOException {
        extract(new TarArchive()
                .add(TarArchive.file("d/.wh.gone"))
                .add(TarArchive.file("opaque/.wh..wh..opq"))
                .add(TarArchive.file("opaque/new"), "n")
                .add(TarArchive.file(".wh.replaced"))
                .add(TarArchive.file("replaced/inside"), "i")
                .add(TarArchive.directory("kept"))
                .add(TarArchive.file(".wh.kept"))
                .add(TarArchive.file(".wh..wh.plnk")));

        assertTrue(stat("d/gone").isWhiteout());
        assertArrayEquals(new byte[] {'y'}, attribute("opaque", "trusted.overlay.opaque"));
        assertArrayEquals(new byte[] {'y'}, attribute("replaced", "trusted.overlay.opaque"));
        assertArrayEquals(new byte[] {'y'}, attribute("kept", "trusted.overlay.opaque"));
        assertFalse(Files.exists(root.resolve(".wh..wh.plnk")));
    }

    @Test
    void whiteouts_of_nothing_are_refused() {
        for (String name : new String[] {".wh.", ".wh..", ".wh..."}) {
            assertThrows(IOException.class, () -> extract(new TarArchive().add(TarArchive.file(name))), name);
        }
    }

    @Test
    void attributes_that_steer_overlayfs_are_dropped() throws IOException {
        extract(new TarArchive().add(TarArchive.directory("d").pax("SCHILY.xattr.trusted.overlay.redirect", "/etc")));

        ErrnoException e = assertThrows(ErrnoException.class, () -> attribute("d", "trusted.overlay.redirect"));
        assertEquals(ErrnoException.ENODATA, e.errno());
    }

    @Test
    void entries_of_unknown_type_are_refused() {
        assertThrows(IOException.class, () -> extract(new TarArchive().add(new TarArchive.Member('Q', "q"))));
    }

    @Test
    void directories_without_a_member_are_made_readable() throws IOException {
        extract(new TarArchive().add(TarArchive.file("a/b/c"), "x"));

        assertEquals(0755, stat("a").permissions());
        assertTrue(Files.getLastModifiedTime(root.resolve("a")).toInstant().isAfter(Instant.EPOCH));
    }

    private long extract(TarArchive tar) throws IOException {
        TarReader reader = new TarReader(new ByteArrayInputStream(tar.end()));
        try (LayerExtraction extraction = new LayerExtraction(ByteStrings.of(root), reader)) {
            return extraction.run();
        }
    }

    private Stat stat(String path) throws IOException {
        EntryName name = EntryName.parse(path);
        try (Fd directory = parent(name)) {
            return Attributes.stat(directory, name.base());
        }
    }

    private byte[] attribute(String path, String attribute) throws IOException {
        EntryName name = EntryName.parse(path);
        try (Fd directory = parent(name)) {
            return Attributes.extended(directory, name.base(), attribute);
        }
    }

    private Fd parent(EntryName name) throws IOException {
        return OpenFiles.open(ByteStrings.of(root.resolve(name.parent())), OpenFiles.READ | OpenFiles.DIRECTORY);
    }
}
