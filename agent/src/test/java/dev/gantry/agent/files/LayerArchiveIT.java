package dev.gantry.agent.files;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.gantry.agent.linux.ByteStrings;
import dev.gantry.agent.linux.Fd;
import dev.gantry.agent.linux.OpenFiles;
import dev.gantry.agent.snapshot.LayerStack;
import dev.gantry.agent.snapshot.MountedImage;
import dev.gantry.agent.snapshot.Snapshots;
import dev.gantry.tar.TarEntry;
import dev.gantry.tar.TarReader;
import dev.gantry.tar.testing.TarArchive;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.UserDefinedFileAttributeView;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Needs root, for mounts. */
class LayerArchiveIT {
    @TempDir
    Path directory;

    private MountedImage image;
    private Path root;

    @BeforeEach
    void mount() throws IOException {
        assumeTrue(System.getProperty("user.name").equals("root"), "needs root");
        image = new MountedImage(
                directory,
                new TarArchive()
                        .add(TarArchive.directory("d"))
                        .add(TarArchive.file("d/one"), "1")
                        .add(TarArchive.file("d/two"), "2")
                        .add(TarArchive.file("file"), "f"));
        root = image.rootfs();
    }

    @AfterEach
    void unmount() {
        if (image != null) {
            image.close();
        }
    }

    private List<TarEntry> entries() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (Snapshots.Lease lease = image.lease();
                LayerStack layers = lease.layers();
                Fd merged = OpenFiles.open(ByteStrings.of(root), OpenFiles.PATH | OpenFiles.DIRECTORY);
                TreeArchive archive = TreeArchive.ofLayer(bytes)) {
            new LayerArchive(layers, merged, archive).run();
            archive.end();
        }
        List<TarEntry> entries = new ArrayList<>();
        TarReader tar = new TarReader(new ByteArrayInputStream(bytes.toByteArray()));
        for (TarEntry entry = tar.next(); entry != null; entry = tar.next()) {
            entries.add(entry);
        }
        return entries;
    }

    private List<String> names() throws IOException {
        return entries().stream()
                .map(entry -> entry.type() + " " + entry.name())
                .toList();
    }

    @Test
    void nothing_changed() throws IOException {
        assertEquals(List.of(), names());
    }

    @Test
    void files_are_made_changed_and_gone() throws IOException {
        Files.writeString(root.resolve("d/new"), "n");
        Files.createLink(root.resolve("d/hard"), root.resolve("d/new"));
        Files.delete(root.resolve("d/two"));
        Files.createDirectory(root.resolve("empty"));

        assertEquals(List.of("5 d/", "0 d/hard", "1 d/new", "0 d/.wh.two", "5 empty/"), names());
    }

    @Test
    void a_directory_made_anew_hides_the_one_below() throws IOException {
        Files.delete(root.resolve("d/one"));
        Files.delete(root.resolve("d/two"));
        Files.delete(root.resolve("d"));
        Files.createDirectory(root.resolve("d"));
        Files.writeString(root.resolve("d/three"), "3");

        assertEquals(List.of("5 d/", "0 d/.wh..wh..opq", "0 d/three"), names());
    }

    @Test
    void signs_that_a_container_made_are_left_out() throws IOException {
        Files.writeString(root.resolve("d/.wh.one"), "evil");
        Files.writeString(root.resolve("d/.wh..wh..opq"), "evil");
        Files.createDirectory(root.resolve(".wh.dir"));
        Files.writeString(root.resolve(".wh.dir/f"), "evil");

        assertEquals(List.of("5 d/"), names());
    }

    @Test
    void sockets_are_left_out_and_hide_what_they_took_the_place_of() throws IOException {
        // An address has no more than 107 bytes.
        Path near = Files.createSymbolicLink(
                Path.of("/tmp", "layer-" + ProcessHandle.current().pid()), root);
        try (ServerSocketChannel one = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
                ServerSocketChannel other = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            Files.delete(root.resolve("file"));
            one.bind(UnixDomainSocketAddress.of(near.resolve("file")));
            other.bind(UnixDomainSocketAddress.of(near.resolve("sock")));

            assertEquals(List.of("0 .wh.file"), names());
        } finally {
            Files.delete(near);
        }
    }

    @Test
    void what_every_container_has_goes_along_once_it_is_another() throws IOException {
        Files.writeString(root.resolve("etc/made"), "m");
        Files.writeString(root.resolve(".dockerenv"), "written");

        assertEquals(List.of("0 .dockerenv", "5 etc/", "0 etc/made"), names());
    }

    @Test
    void attributes_of_users_go_along() throws IOException {
        Path file = Files.writeString(root.resolve("attributed"), "a");
        Files.getFileAttributeView(file, UserDefinedFileAttributeView.class)
                .write("colour", ByteBuffer.wrap("red".getBytes()));

        assertEquals("red", entries().getFirst().attributes().get("user.colour"));
    }
}
