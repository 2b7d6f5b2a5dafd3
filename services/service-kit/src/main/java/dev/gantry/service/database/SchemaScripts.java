package dev.gantry.service.database;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.JarURLConnection;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.stream.Stream;

/** The SQL scripts of some directories of the class path. */
final class SchemaScripts {
    private SchemaScripts() {}

    /** SHA-256 over names and bytes of the scripts; whatever changes in one changes it. */
    static String digest(List<String> directories) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            for (String directory : directories) {
                of(directory).forEach((name, script) -> {
                    digest.update(
                            (directory + "/" + name + " " + script.length + "\n").getBytes(StandardCharsets.UTF_8));
                    digest.update(script);
                });
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Contents by name, ordered by name. */
    static SortedMap<String, byte[]> of(String directory) {
        SortedMap<String, byte[]> scripts = new TreeMap<>();
        try {
            ClassLoader loader = Thread.currentThread().getContextClassLoader();
            for (URL place : Collections.list(loader.getResources(directory))) {
                if (place.openConnection() instanceof JarURLConnection jar) {
                    read(jar, directory + "/", scripts);
                } else {
                    read(Path.of(place.toURI()), scripts);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
        if (scripts.isEmpty()) {
            throw new IllegalStateException("no scripts in " + directory);
        }
        return scripts;
    }

    private static void read(JarURLConnection connection, String prefix, SortedMap<String, byte[]> scripts)
            throws IOException {
        connection.setUseCaches(false);
        try (JarFile jar = connection.getJarFile()) {
            for (JarEntry entry : Collections.list(jar.entries())) {
                if (entry.getName().startsWith(prefix) && !entry.isDirectory()) {
                    try (InputStream content = jar.getInputStream(entry)) {
                        scripts.put(entry.getName().substring(prefix.length()), content.readAllBytes());
                    }
                }
            }
        }
    }

    private static void read(Path directory, SortedMap<String, byte[]> scripts) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : files.toList()) {
                scripts.put(file.getFileName().toString(), Files.readAllBytes(file));
            }
        }
    }
}
