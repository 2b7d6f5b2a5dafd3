package dev.gantry.image.archive;

import dev.gantry.image.content.Compression;
import dev.gantry.image.content.ContentStore;
import dev.gantry.image.content.Digest;
import dev.gantry.image.content.TarPayload;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.function.LongConsumer;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;

/**
 * The files of an uploaded archive, each in a staging file under a name of ours: names in the archive are only looked
 * up, never made into paths. Memory is bounded by the number of entries. Closing deletes what was not taken.
 */
final class ArchiveContents implements AutoCloseable {
    private static final int MAX_ENTRIES = 100_000;
    private static final int MAX_LINKS = 16;
    /** Of a tar. */
    private static final int BLOCK = 512;

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

    private ArchiveContents(ContentStore store, Reading reading) {
        this.store = store;
        this.reading = reading;
    }

    /** Reads the whole stream, compressed or not. */
    static ArchiveContents read(InputStream archive, ContentStore store, Reading reading) throws IOException {
        ArchiveContents contents = new ArchiveContents(store, reading);
        try (BoundedTarInput tar = new BoundedTarInput(Compression.decompress(archive))) {
            int entries = 0;
            for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
                if (++entries > MAX_ENTRIES) {
                    throw new IOException("invalid archive: more than " + MAX_ENTRIES + " entries");
                }
                contents.add(entry, tar);
            }
            if (entries == 0 && tar.getBytesRead() % BLOCK != 0) {
                // The library takes a first block that is cut short for the end.
                throw new EOFException();
            }
            return contents;
        } catch (IOException | RuntimeException e) {
            contents.close();
            throw e;
        }
    }

    private void add(TarArchiveEntry entry, InputStream content) throws IOException {
        String name = normalised(entry.getName());
        if (entry.isSymbolicLink()) {
            int slash = name.lastIndexOf('/');
            links.put(name, normalised(name.substring(0, slash + 1) + entry.getLinkName()));
        } else if (entry.isLink()) {
            links.put(name, normalised(entry.getLinkName()));
        } else if (entry.isSparse()) {
            // A few bytes could stand for an exabyte of zeros.
            throw new IOException("invalid archive: sparse file " + name);
        } else if (entry.isFile()) {
            StagedFile previous = files.put(name, stage(content, reading.begins(name, entry.getSize())));
            if (previous != null) {
                store.discard(previous.path());
            }
        }
    }

    /** @param progress may be null */
    private StagedFile stage(InputStream content, LongConsumer progress) throws IOException {
        Path path = store.stage();
        MessageDigest algorithm = Digest.begin();
        TarPayload payload = new TarPayload();
        long size = 0;
        try (OutputStream out = Files.newOutputStream(path)) {
            byte[] buffer = new byte[BUFFER];
            for (int n = content.read(buffer); n >= 0; n = content.read(buffer)) {
                algorithm.update(buffer, 0, n);
                payload.accept(buffer, n);
                out.write(buffer, 0, n);
                size += n;
                if (progress != null) {
                    progress.accept(size);
                }
            }
        } catch (IOException | RuntimeException e) {
            store.discard(path);
            throw e;
        }
        return new StagedFile(path, Digest.finish(algorithm), size, payload.size(), progress != null);
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
