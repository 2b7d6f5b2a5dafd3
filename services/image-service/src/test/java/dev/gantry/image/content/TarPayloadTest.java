package dev.gantry.image.content;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TarPayloadTest {
    private static final String LONG_TARGET = "ä/".repeat(150);

    private static byte[] archive(int longFiles) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes, "UTF-8")) {
            tar.setLongFileMode(longFiles);
            directory(tar, "d/");
            file(tar, "d/file", 1000);
            link(tar, "d/short", "file");
            link(tar, "d/long", LONG_TARGET);
            link(tar, "d/short-again", "file");
            file(tar, "d/" + "n".repeat(200), 7);
            TarArchiveEntry hard = new TarArchiveEntry("d/hard", TarConstants.LF_LINK);
            hard.setLinkName("d/file");
            tar.putArchiveEntry(hard);
            tar.closeArchiveEntry();
        }
        return bytes.toByteArray();
    }

    private static void directory(TarArchiveOutputStream tar, String name) throws IOException {
        tar.putArchiveEntry(new TarArchiveEntry(name));
        tar.closeArchiveEntry();
    }

    private static void file(TarArchiveOutputStream tar, String name, int size) throws IOException {
        TarArchiveEntry entry = new TarArchiveEntry(name);
        entry.setSize(size);
        tar.putArchiveEntry(entry);
        tar.write(new byte[size]);
        tar.closeArchiveEntry();
    }

    private static void link(TarArchiveOutputStream tar, String name, String target) throws IOException {
        TarArchiveEntry entry = new TarArchiveEntry(name, TarConstants.LF_SYMLINK);
        entry.setLinkName(target);
        tar.putArchiveEntry(entry);
        tar.closeArchiveEntry();
    }

    @ParameterizedTest
    @ValueSource(ints = {TarArchiveOutputStream.LONGFILE_GNU, TarArchiveOutputStream.LONGFILE_POSIX})
    void counts_files_and_the_targets_of_links(int longFiles) throws IOException {
        byte[] archive = archive(longFiles);
        for (int piece : new int[] {1, 7, 512, 4096, archive.length}) {
            TarPayload payload = new TarPayload();
            for (int at = 0; at < archive.length; at += piece) {
                byte[] next = Arrays.copyOfRange(archive, at, Math.min(archive.length, at + piece));
                payload.accept(next, next.length);
            }
            assertEquals(1000 + 4 + 450 + 4 + 7, payload.size(), piece + " bytes at a time");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"x", "9999999999 linkpath=a\n", "12 size=zz\n", "-5 a=b\n", "3 a\n"})
    void broken_extended_headers_do_no_harm(String records) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes)) {
            TarArchiveEntry entry = new TarArchiveEntry("pax", TarConstants.LF_PAX_EXTENDED_HEADER_LC);
            entry.setSize(records.length());
            tar.putArchiveEntry(entry);
            tar.write(records.getBytes(java.nio.charset.StandardCharsets.US_ASCII));
            tar.closeArchiveEntry();
            file(tar, "file", 600);
        }
        TarPayload payload = new TarPayload();
        payload.accept(bytes.toByteArray(), bytes.size());

        assertEquals(600, payload.size());
    }
}
