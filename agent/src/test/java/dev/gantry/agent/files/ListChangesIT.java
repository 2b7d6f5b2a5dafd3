package dev.gantry.agent.files;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.gantry.agent.linux.ByteStrings;
import dev.gantry.agent.linux.Fd;
import dev.gantry.agent.linux.OpenFiles;
import dev.gantry.agent.snapshot.LayerStack;
import dev.gantry.agent.snapshot.MountedImage;
import dev.gantry.agent.snapshot.Snapshots;
import dev.gantry.tar.testing.TarArchive;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Needs root, for mounts. */
class ListChangesIT {
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
                        .add(TarArchive.file("d/gone"), "g")
                        .add(TarArchive.directory("d/sub"))
                        .add(TarArchive.file("d/sub/x"), "x")
                        .add(TarArchive.file("file"), "f"),
                new TarArchive()
                        .add(TarArchive.file("d/.wh.gone"))
                        .add(TarArchive.directory("e"))
                        .add(TarArchive.file("e/.wh..wh..opq"))
                        .add(TarArchive.file("e/here"), "h"));
        root = image.rootfs();
    }

    @AfterEach
    void unmount() {
        if (image != null) {
            image.close();
        }
    }

    private List<String> changes() throws IOException {
        List<String> changes = new ArrayList<>();
        try (Snapshots.Lease lease = image.lease();
                LayerStack layers = lease.layers();
                Fd merged = OpenFiles.open(ByteStrings.of(root), OpenFiles.PATH | OpenFiles.DIRECTORY)) {
            new ListChanges(layers, merged, change -> changes.add("CAD".charAt(change.kind()) + " " + change.path()))
                    .run();
        }
        return changes;
    }

    @Test
    void nothing_changed() throws IOException {
        assertEquals(List.of(), changes());
    }

    @Test
    void files_are_added_changed_and_deleted() throws IOException {
        Files.writeString(root.resolve("d/new"), "n");
        Files.writeString(root.resolve("d/one"), "longer");
        Files.delete(root.resolve("d/two"));
        Files.setPosixFilePermissions(root.resolve("file"), PosixFilePermissions.fromString("rwx------"));

        assertEquals(List.of("C /d", "A /d/new", "C /d/one", "D /d/two", "C /file"), changes());
    }

    @Test
    void what_was_only_looked_at_or_put_back_is_no_change() throws IOException {
        FileTime time = Files.getLastModifiedTime(root.resolve("d/one"));
        Files.writeString(root.resolve("d/one"), "1");
        Files.setLastModifiedTime(root.resolve("d/one"), time);
        Files.writeString(root.resolve("d/sub/y"), "y");
        Files.delete(root.resolve("d/sub/y"));
        Files.writeString(root.resolve("d/gone"), "g");
        Files.delete(root.resolve("d/gone"));

        assertEquals(List.of(), changes());
    }

    @Test
    void of_a_directory_that_is_gone_only_itself_is_told() throws IOException {
        Files.delete(root.resolve("d/sub/x"));
        Files.delete(root.resolve("d/sub"));

        assertEquals(List.of("C /d", "D /d/sub"), changes());
    }

    @Test
    void a_directory_made_anew_hides_what_was_in_it() throws IOException {
        Files.delete(root.resolve("d/sub/x"));
        Files.delete(root.resolve("d/sub"));
        Files.createDirectory(root.resolve("d/sub"));
        Files.writeString(root.resolve("d/sub/z"), "z");

        assertEquals(List.of("C /d", "C /d/sub", "A /d/sub/z", "D /d/sub/x"), changes());
    }

    @Test
    void a_kind_that_changed() throws IOException {
        Files.delete(root.resolve("file"));
        Files.createDirectory(root.resolve("file"));
        Files.writeString(root.resolve("file/in"), "i");
        Files.delete(root.resolve("e/here"));
        Files.delete(root.resolve("e"));
        Files.writeString(root.resolve("e"), "file");

        assertEquals(List.of("C /e", "C /file", "A /file/in"), changes());
    }

    @Test
    void what_an_upper_layer_of_the_image_hid_is_added() throws IOException {
        Files.writeString(root.resolve("d/gone"), "again");

        assertEquals(List.of("C /d", "A /d/gone"), changes());
    }

    @Test
    void what_every_container_has_is_none_of_it() throws IOException {
        Files.writeString(root.resolve("etc/hosts"), "");
        Files.writeString(root.resolve("etc/mine"), "m");

        assertEquals(List.of("C /etc", "A /etc/mine"), changes());
    }

    @Test
    void links_of_the_container_lead_nowhere() throws IOException {
        Files.createSymbolicLink(root.resolve("link"), Path.of("/"));
        Files.delete(root.resolve("e/here"));
        Files.delete(root.resolve("e"));
        Files.createSymbolicLink(root.resolve("e"), Path.of("/etc"));

        assertEquals(List.of("C /e", "A /link"), changes());
    }

    @Test
    void whoever_looks_keeps_the_mount() throws IOException {
        try (Snapshots.Lease first = image.lease()) {
            Snapshots.Lease second = image.lease();
            second.close();

            assertEquals("f", Files.readString(first.rootfs().resolve("file")));
        }

        assertEquals("f", Files.readString(root.resolve("file")));
    }
}
