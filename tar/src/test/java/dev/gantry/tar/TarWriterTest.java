package dev.gantry.tar;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.junit.jupiter.api.Test;

class TarWriterTest {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final TarWriter tar = new TarWriter(bytes);

    private static TarEntry entry(char type, String name, String link, long size, Map<String, String> attributes) {
        return new TarEntry(type, name, link, 04755, 1, 2, size, 1_700_000_000, 0, 0, 0, attributes, List.of());
    }

    private TarReader reader() throws IOException {
        tar.end();
        return new TarReader(new ByteArrayInputStream(bytes.toByteArray()));
    }

    private void assertReadBack(TarEntry written) throws IOException {
        tar.begin(written);
        TarReader reader = reader();
        TarEntry read = reader.next();
        assertEquals(written.name(), read.name());
        assertEquals(written.linkName(), read.linkName());
        assertEquals(written.type(), read.type());
        assertEquals(written.mode(), read.mode());
        assertEquals(written.uid(), read.uid());
        assertEquals(written.gid(), read.gid());
        assertEquals(written.modifiedSeconds(), read.modifiedSeconds());
        assertEquals(written.modifiedNanos(), read.modifiedNanos());
        assertEquals(written.deviceMajor(), read.deviceMajor());
        assertEquals(written.deviceMinor(), read.deviceMinor());
        assertEquals(written.attributes(), read.attributes());
        assertNull(reader.next());
    }

    @Test
    void a_small_file_has_no_extended_header() throws IOException {
        tar.begin(entry('0', "a", "", 3, Map.of()));
        tar.write("abc".getBytes(ISO_8859_1), 0, 3);

        TarReader reader = reader();

        assertEquals(4 * 512, bytes.size());
        assertEquals("a", reader.next().name());
        assertArrayEquals("abc".getBytes(ISO_8859_1), reader.content().readAllBytes());
    }

    @Test
    void what_does_not_fit_is_read_back() throws IOException {
        // Lengths around those at which the record's length gets one more digit.
        for (int length : new int[] {88, 90, 91, 100, 101, 980, 990, 991, 992, 4000}) {
            assertReadBack(new TarWriterTest(), "n".repeat(length));
        }
    }

    private static void assertReadBack(TarWriterTest test, String name) throws IOException {
        test.assertReadBack(entry('2', name, "t" + name, 0, Map.of()));
    }

    @Test
    void bytes_of_names_and_attributes_stay() throws IOException {
        assertReadBack(entry('5', "\u00ff\u00fe\u0001 =\n/", "", 0, Map.of("security.capability", "\0\u00ff=\n")));
    }

    @Test
    void large_numbers_and_times_are_read_back() throws IOException {
        assertReadBack(new TarEntry(
                '3', "n", "", 0, 4_294_967_294L, 2_097_152, 0, -5, 999_999_999, 4095, 1_048_575, Map.of(), List.of()));
    }

    @Test
    void a_file_of_many_gigabytes_says_so() throws IOException {
        tar.begin(entry('0', "large", "", 1L << 40, Map.of()));

        TarReader reader = new TarReader(new ByteArrayInputStream(bytes.toByteArray()));

        assertEquals(1L << 40, reader.next().size());
    }

    @Test
    void a_file_that_is_shorter_or_longer_than_said_leaves_the_next_in_place() throws IOException {
        tar.begin(entry('0', "short", "", 100_000, Map.of()));
        tar.write(new byte[10], 0, 10);
        tar.begin(entry('0', "long", "", 5, Map.of()));
        tar.write("0123456789".getBytes(ISO_8859_1), 0, 10);
        tar.begin(entry('5', "next/", "", 0, Map.of()));

        TarReader reader = reader();

        assertEquals("short", reader.next().name());
        assertEquals(100_000, reader.content().readAllBytes().length);
        assertEquals("long", reader.next().name());
        assertArrayEquals("01234".getBytes(ISO_8859_1), reader.content().readAllBytes());
        assertEquals("next/", reader.next().name());
        assertNull(reader.next());
    }

    @Test
    void others_read_it_too() throws IOException {
        String name = "d/" + "\u00fc".repeat(90);
        String bytesOfName = new String(name.getBytes(StandardCharsets.UTF_8), ISO_8859_1);
        tar.begin(entry('0', bytesOfName, "", 3, Map.of("user.a", "b")));
        tar.write("abc".getBytes(ISO_8859_1), 0, 3);
        tar.end();

        TarArchiveEntry read =
                new TarArchiveInputStream(new ByteArrayInputStream(bytes.toByteArray()), "UTF-8").getNextEntry();

        assertEquals(name, read.getName());
        assertEquals(3, read.getSize());
        assertEquals("b", read.getExtraPaxHeader("SCHILY.xattr.user.a"));
    }
}
