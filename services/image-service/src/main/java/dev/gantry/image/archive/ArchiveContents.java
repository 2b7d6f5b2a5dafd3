package dev.gantry.image.archive;

import dev.gantry.image.content.Compression;
import dev.gantry.image.content.ContentStore;
import dev.gantry.image.content.DigestedInput;
import dev.gantry.tar.ContentSize;
import dev.gantry.tar.TarEntry;
import dev.gantry.tar.TarReader;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.function.LongConsumer;

/**
 * The files of an uploaded archive, each in a staging file under a name of ours: names in the archive are only looked
 * up, never made into paths. Memory is bounded by the number of entries. Closing deletes what was not taken.
 */
final class ArchiveContents implements AutoCloseable {
    private static final int MAX_ENTRIES = 100_000;
    private static final int MAX_LINKS = 16;
    /** Of all names and links together; they are kept in memory. */
    private static final long MAX_NAMES = 16 << 20;

    private static final int BUFFER = 1 << 17;

    /**
     * @param digest of the bytes as they are in the archive
     * @param payload bytes of files in it, if it is a plain tar
     * @param shown whether its reading was told of
     */
    record StagedFile(Path path, String digest, long size, long payload, boolean shown) {}

    /** Who is told how far the reading of the archive is. */
    @FunctionalInterface
    interface Reading {
        /** @return told how many of the file's bytes were read; null for a file that is not worth it */
        LongConsumer begins(String name, long size);
    }

    private final ContentStore store;
    private final Reading reading;
    private final Map<String, StagedFile> files = new HashMap<>();
    private final Map<String, String> links = new HashMap<>();
    private long names;

    private ArchiveContents(ContentStore store, Reading reading) {
        this.store = store;
        this.reading = reading;
    }

    /** Reads the whole stream, compressed or not. */
    static ArchiveContents read(InputStream archive, ContentStore store, Reading reading) throws IOException {
        ArchiveContents contents = new ArchiveContents(store, reading);
        try (InputStream plain = new BufferedInputStream(Compression.decompress(archive), BUFFER)) {
            TarReader tar = new TarReader(plain);
            int entries = 0;
            for (TarEntry entry = tar.next(); entry != null; entry = tar.next()) {
                if (++entries > MAX_ENTRIES) {
                    throw new IOException("invalid archive: more than " + MAX_ENTRIES + " entries");
                }
                contents.add(entry, tar.content());
            }
            return contents;
        } catch (IOException | RuntimeException e) {
            contents.close();
            throw e;
        }
    }

    private void add(TarEntry entry, InputStream content) throws IOException {
        String name = normalised(text(entry.name()));
        String link = text(entry.linkName());
        names += name.length() + link.length();
        if (names > MAX_NAMES) {
            throw new IOException("invalid archive: names of more than " + MAX_NAMES + " characters");
        }
        switch (entry.type()) {
            case '0' -> addFile(entry, name, content);
            case '1' -> links.put(name, normalised(link));
            case '2' -> links.put(name, normalised(name.substring(0, name.lastIndexOf('/') + 1) + link));
            default -> {
                // Directories need not be known, and nothing else is of use in an archive of images.
            }
        }
    }

    private void addFile(TarEntry entry, String name, InputStream content) throws IOException {
        if (entry.isSparse()) {
            throw new IOException("invalid archive: sparse file " + name);
        }
        StagedFile previous = files.put(name, stage(content, reading.begins(name, entry.size())));
        if (previous != null) {
            store.discard(previous.path());
        }
    }

    /** Names in a tar are byte strings. */
    private static String text(String bytes) {
        return new String(bytes.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
    }

    /** @param progress may be null */
    private StagedFile stage(InputStream content, LongConsumer progress) throws IOException {
        Path path = store.stage();
        LongConsumer told = progress == null ? read -> {} : progress;
        // The content's own stream stays open: it is a part of the archive's.
        try (OutputStream out = Files.newOutputStream(path)) {
            DigestedInput digested = new DigestedInput(content, out, told);
            long payload = ContentSize.of(new BufferedInputStream(digested, BUFFER));
            return new StagedFile(path, digested.digest(), digested.count(), payload, progress != null);
        } catch (IOException | RuntimeException e) {
            store.discard(path);
            throw e;
        }
    }

    /** The file of that name, through links within the archive; null when there is none. */
    StagedFile file(String name) {
        String current = normalised(name);
        for (int i = 0; i < MAX_LINKS; i++) {
            StagedFile file = files.get(current);
            if (file != null || !links.containsKey(current)) {
                return file;
            }
            current = links.get(current);
        }
        return null;
    }

    /** The uncompressed content of a staged file, staged as well. */
    StagedFile decompressed(StagedFile file) throws IOException {
        try (InputStream plain = Compression.decompress(Files.newInputStream(file.path()))) {
            StagedFile staged = stage(plain, null);
            files.put("/" + staged.digest(), staged);
            return staged;
        }
    }

    /** A small file's bytes; null when there is none. */
    byte[] read(String name, int limit) throws IOException {
        StagedFile file = file(name);
        if (file == null) {
            return null;
        }
        if (file.size() > limit) {
            throw new IOException("invalid archive: " + name + " is too large");
        }
        return Files.readAllBytes(file.path());
    }

    private static String normalised(String name) {
        Deque<String> parts = new ArrayDeque<>();
        for (String part : name.split("/", -1)) {
            if (part.equals("..")) {
                parts.pollLast();
            } else if (!part.isEmpty() && !part.equals(".")) {
                parts.addLast(part);
            }
        }
        return String.join("/", parts);
    }

    @Override
    public void close() {
        files.values().forEach(file -> store.discard(file.path()));
        files.clear();
    }
}
