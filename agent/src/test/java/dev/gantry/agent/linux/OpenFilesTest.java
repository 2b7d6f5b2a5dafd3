package dev.gantry.agent.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OpenFilesTest {
    private static final int DIRECTORY = OpenFiles.READ | OpenFiles.DIRECTORY;

    @TempDir
    Path temporary;

    Path inside;
    Fd root;

    @BeforeEach
    void open() throws IOException {
        inside = Files.createDirectories(temporary.resolve("root/etc"));
        Files.createDirectory(temporary.resolve("outside"));
        root = OpenFiles.open(ByteStrings.of(temporary.resolve("root")), DIRECTORY);
    }

    @AfterEach
    void close() {
        root.close();
    }

    @Test
    void paths_are_resolved_as_if_the_root_were_the_machines() throws IOException {
        Files.createSymbolicLink(temporary.resolve("root/absolute"), Path.of("/etc"));
        Files.createSymbolicLink(temporary.resolve("root/up"), Path.of("../../../etc"));
        long expected = inode(ByteStrings.of(inside));

        for (String path : new String[] {"etc", "/etc", "../etc", "/absolute", "up", "etc/../../../etc", "up/."}) {
            try (Fd found = OpenFiles.openInRoot(root, path, DIRECTORY)) {
                assertEquals(expected, Attributes.stat(found).inode(), path);
            }
        }
    }

    @Test
    void links_to_the_outside_lead_nowhere() throws IOException {
        Files.createSymbolicLink(temporary.resolve("root/out"), temporary.resolve("outside"));
        Files.createSymbolicLink(temporary.resolve("root/beside"), Path.of("../outside"));

        assertEquals(ErrnoException.ENOENT, failure("out"));
        assertEquals(ErrnoException.ENOENT, failure("beside"));
        assertEquals(ErrnoException.ENOENT, failure("../outside"));
    }

    private int failure(String path) {
        return assertThrows(ErrnoException.class, () -> OpenFiles.openInRoot(root, path, DIRECTORY))
                .errno();
    }

    @Test
    void a_plain_path_has_no_links() throws IOException {
        Files.createSymbolicLink(temporary.resolve("root/link"), Path.of("etc"));

        OpenFiles.openPlainly(root, "etc", DIRECTORY).close();
        assertThrows(ErrnoException.class, () -> OpenFiles.openPlainly(root, "link", DIRECTORY));
        assertThrows(ErrnoException.class, () -> OpenFiles.openPlainly(root, "link/.", DIRECTORY));
    }

    @Test
    void an_entry_is_not_a_path() {
        for (String name : new String[] {"a/b", "", ".", "..", "/etc"}) {
            assertThrows(IllegalArgumentException.class, () -> OpenFiles.openAt(root, name, OpenFiles.READ, 0), name);
            assertThrows(IllegalArgumentException.class, () -> Nodes.removeFile(root, name), name);
        }
        assertThrows(IllegalArgumentException.class, () -> OpenFiles.openAt(root, "a\0b", OpenFiles.READ, 0));
    }

    @Test
    void a_closed_descriptor_is_not_used() throws IOException {
        Fd file = OpenFiles.open(ByteStrings.of(inside), DIRECTORY);
        file.close();
        file.close();

        assertThrows(IllegalStateException.class, file::number);
    }

    @Test
    void every_entry_is_listed_with_its_kind() throws IOException {
        for (int i = 0; i < 3000; i++) {
            Files.createFile(inside.resolve("a file with a name that is rather long, number " + i));
        }
        Files.createDirectory(inside.resolve("directory"));
        Files.createSymbolicLink(inside.resolve("link"), Path.of("directory"));

        try (Fd directory = OpenFiles.open(ByteStrings.of(inside), DIRECTORY)) {
            var entries = Nodes.list(directory);
            assertEquals(3002, entries.size());
            assertEquals(1, entries.stream().filter(Nodes.Entry::isDirectory).count());
        }
    }

    @Test
    void removal_follows_no_link_and_needs_no_shallow_tree() throws IOException {
        Files.createFile(temporary.resolve("outside/kept"));
        Files.createSymbolicLink(inside.resolve("link"), temporary.resolve("outside"));
        Path deep = inside;
        for (int i = 0; i < 200; i++) {
            deep = Files.createDirectory(deep.resolve("d"));
            Files.createFile(deep.resolve("f"));
        }

        TreeRemoval.remove(root, "etc");
        TreeRemoval.remove(root, "etc");

        assertTrue(Nodes.list(root).isEmpty());
        assertTrue(Files.exists(temporary.resolve("outside/kept")));
    }

    @Test
    void errors_say_call_argument_and_reason() {
        ErrnoException e = assertThrows(ErrnoException.class, () -> OpenFiles.open("/no/such/file", OpenFiles.READ));

        assertEquals("open /no/such/file: No such file or directory", e.getMessage());
    }

    private static long inode(String path) throws IOException {
        try (Fd file = OpenFiles.open(path, OpenFiles.PATH)) {
            return Attributes.stat(file).inode();
        }
    }
}
