package dev.gantry.service.database;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SchemaScriptsTest {
    private static final List<String> DIRECTORY = List.of("schema/probe");

    @TempDir
    Path classes;

    @Test
    void scripts_of_directories_and_jars_are_the_same() throws IOException {
        String directory = digest(write("V1__a.sql", "create table a ();"));
        Path jar = classes.resolve("a.jar");
        try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar))) {
            out.putNextEntry(new JarEntry("schema/probe/"));
            out.putNextEntry(new JarEntry("schema/probe/V1__a.sql"));
            out.write("create table a ();".getBytes(java.nio.charset.StandardCharsets.UTF_8));
        }

        assertEquals(directory, digest(jar));
    }

    @Test
    void every_change_shows() throws IOException {
        Set<String> all = Set.of(
                digest(write("V1__a.sql", "create table a ();")),
                digest(write("V1__a.sql", "create table b ();")),
                digest(write("V2__a.sql", "create table b ();")));

        assertEquals(3, all.size());
    }

    @Test
    void the_outbox_counts_where_there_is_one() {
        assertNotEquals(
                SchemaScripts.digest(List.of("schema/outbox")),
                SchemaScripts.digest(List.of("schema/outbox", "schema/outbox")));
        assertEquals(Set.of("V0__outbox.sql"), SchemaScripts.of("schema/outbox").keySet());
    }

    @Test
    void a_schema_without_scripts_is_a_mistake() {
        assertThrows(IllegalStateException.class, () -> SchemaScripts.of("schema/missing"));
    }

    private Path write(String name, String script) throws IOException {
        Path root = Files.createTempDirectory(classes, "classes");
        Path directory = Files.createDirectories(root.resolve("schema/probe"));
        Files.writeString(directory.resolve(name), script);
        return root;
    }

    private static String digest(Path place) throws IOException {
        ClassLoader before = Thread.currentThread().getContextClassLoader();
        try (URLClassLoader loader = new URLClassLoader(new URL[] {place.toUri().toURL()}, null)) {
            Thread.currentThread().setContextClassLoader(loader);
            return SchemaScripts.digest(DIRECTORY);
        } finally {
            Thread.currentThread().setContextClassLoader(before);
        }
    }
}
