package dev.gantry.tar;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.gantry.tar.testing.TarArchive;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ContentSizeTest {
    private static final String LONG_TARGET = "\u00e4/".repeat(150);

    @ParameterizedTest
    @ValueSource(ints = {TarArchiveOutputStream.LONGFILE_GNU, TarArchiveOutputStream.LONGFILE_POSIX})
    void counts_files_and_the_targets_of_links(int longFiles) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes, "UTF-8")) {
            tar.setLongFileMode(longFiles);
            add(tar, new TarArchiveEntry("d/"), 0);
            add(tar, new TarArchiveEntry("d/file"), 1000);
            link(tar, "d/short", "file", TarConstants.LF_SYMLINK);
            link(tar, "d/long", LONG_TARGET, TarConstants.LF_SYMLINK);
            link(tar, "d/hard", "d/file", TarConstants.LF_LINK);
            add(tar, new TarArchiveEntry("d/" + "n".repeat(200)), 7);
        }

        assertEquals(1000 + 4 + 450 + 7, ContentSize.of(new ByteArrayInputStream(bytes.toByteArray())));
    }

    @Test
    void reads_to_the_end_whatever_comes() throws IOException {
        for (byte[] bytes : new byte[][] {
            "no tar at all".getBytes(ISO_8859_1),
            new TarArchive()
                    .add(TarArchive.file("a"), "12345")
                    .raw(new byte[512 * 9 + 1])
                    .end(),
            new TarArchive()
                    .add(TarArchive.file("a"), "12345")
                    .raw("x".repeat(600).getBytes(ISO_8859_1))
                    .cut(),
            new TarArchive().addHeader(TarArchive.file("a"), 7_000).cut(),
        }) {
            InputStream in = new ByteArrayInputStream(bytes);

            ContentSize.of(in);

            assertEquals(-1, in.read());
        }
    }

    @Test
    void sizes_that_overflow_do_no_harm() throws IOException {
        String huge = Long.toString(1L << 59);
        TarArchive tar = new TarArchive();
        for (int i = 0; i < 40; i++) {
            tar.add(TarArchive.file("s" + i).pax("GNU.sparse.size", huge).pax("GNU.sparse.map", "0,0"));
        }

        assertEquals(0, ContentSize.of(new ByteArrayInputStream(tar.end())));
    }

    @Test
    void what_cannot_be_read_is_a_failure() {
        InputStream broken = new InputStream() {
            @Override
            public int read() throws IOException {
                throw new IOException("disk");
            }
        };

        assertThrows(IOException.class, () -> ContentSize.of(broken));
    }

    private static void add(TarArchiveOutputStream tar, TarArchiveEntry entry, int size) throws IOException {
        entry.setSize(size);
        tar.putArchiveEntry(entry);
        tar.write(new byte[size]);
        tar.closeArchiveEntry();
    }

    private static void link(TarArchiveOutputStream tar, String name, String target, byte type) throws IOException {
        TarArchiveEntry entry = new TarArchiveEntry(name, type);
        entry.setLinkName(target);
        tar.putArchiveEntry(entry);
        tar.closeArchiveEntry();
    }
}
