package dev.gantry.tar;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.gantry.tar.testing.TarArchive;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TarReaderTest {
    @Test
    void members_come_in_order_with_their_content() throws IOException {
        TarReader tar = reader(new TarArchive()
                .add(TarArchive.file("a").mode(04755).owner(7, 8).modified(5), "hello")
                .add(TarArchive.directory("d/"))
                .add(TarArchive.symbolicLink("l", "../a"))
                .end());

        TarEntry file = tar.next();
        assertEquals("a", file.name());
        assertEquals(04755, file.mode());
        assertEquals(7, file.uid());
        assertEquals(8, file.gid());
        assertEquals(5, file.modifiedSeconds());
        assertEquals("hello", content(tar));
        assertEquals('5', tar.next().type());
        assertEquals("../a", tar.next().linkName());
        assertNull(tar.next());
    }

    @Test
    void content_that_is_not_read_is_skipped() throws IOException {
        TarReader tar = reader(new TarArchive()
                .add(TarArchive.file("a"), "x".repeat(5000))
                .add(TarArchive.file("b"), "y")
                .end());

        tar.next();

        assertEquals("b", tar.next().name());
        assertEquals("y", content(tar));
    }

    @Test
    void extended_headers_keep_every_byte() throws IOException {
        String binary = "\u0001\u0000\u0000\u0002\u00ff=\n\u0080";
        String longName = "d/".repeat(200) + "n\u00e9";
        TarEntry entry = reader(new TarArchive()
                        .add(TarArchive.file("short")
                                .pax("path", longName)
                                .pax("SCHILY.xattr.security.capability", binary)
                                .pax("mtime", "1700000000.123456789")
                                .pax("uid", "3000000"))
                        .end())
                .next();

        assertEquals(longName, entry.name());
        assertEquals(Map.of("security.capability", binary), entry.attributes());
        assertEquals(1_700_000_000L, entry.modifiedSeconds());
        assertEquals(123_456_789, entry.modifiedNanos());
        assertEquals(3_000_000, entry.uid());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "1e60000000",
                "1e-200000000",
                "1E5",
                "0x10",
                "1.5.5",
                ".5",
                "1,5",
                " 1",
                "NaN",
                "1000000000000000",
                "-1000000000000000",
                "--1",
                "+1",
                "1e"
            })
    void a_time_of_another_form_is_refused_before_it_is_computed_with(String time) {
        TarReader tar = reader(
                new TarArchive().add(TarArchive.file("a").pax("mtime", time)).end());

        assertThrows(TarFormatException.class, tar::next);
    }

    @Test
    void a_fraction_as_long_as_a_header_is_cut() throws IOException {
        TarEntry entry = reader(new TarArchive()
                        .add(TarArchive.file("a").pax("mtime", "-0." + "9".repeat(500_000)))
                        .end())
                .next();

        assertEquals(-1, entry.modifiedSeconds());
        assertEquals(1, entry.modifiedNanos());
    }

    @ParameterizedTest
    @ValueSource(strings = {"1e60000000", "99999999999999999999", "0x1", "1.0", "\u00b2", "-"})
    void a_number_of_another_form_is_refused(String number) {
        for (String key : List.of("size", "uid", "gid", "GNU.sparse.size", "GNU.sparse.offset", "GNU.sparse.map")) {
            TarReader tar = reader(new TarArchive()
                    .add(TarArchive.file("a").pax(key, number).pax("GNU.sparse.realsize", "1"))
                    .end());

            assertThrows(TarFormatException.class, tar::next, key);
        }
    }

    @Test
    void a_sparse_file_with_too_many_parts_is_refused() {
        TarReader tar = reader(new TarArchive()
                .add(TarArchive.file("a")
                        .pax("GNU.sparse.size", "1")
                        .pax("GNU.sparse.map", "0,0,".repeat(70_000) + "0,0"))
                .end());

        assertThrows(TarFormatException.class, tar::next);
    }

    @Test
    void time_before_1970_has_positive_nanoseconds() throws IOException {
        TarEntry entry = reader(new TarArchive()
                        .add(TarArchive.file("old").pax("mtime", "-1.25"))
                        .end())
                .next();

        assertEquals(-2, entry.modifiedSeconds());
        assertEquals(750_000_000, entry.modifiedNanos());
    }

    @Test
    void gnu_long_names_are_read() throws IOException {
        String name = "x".repeat(150);
        TarEntry entry = reader(new TarArchive()
                        .add(new TarArchive.Member('L', "././@LongLink"), name + "\0")
                        .add(new TarArchive.Member('K', "././@LongLink"), "t".repeat(120) + "\0")
                        .add(TarArchive.symbolicLink("cut", "cut"))
                        .end())
                .next();

        assertEquals(name, entry.name());
        assertEquals("t".repeat(120), entry.linkName());
    }

    @Test
    void what_another_library_writes_is_read() throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (TarArchiveOutputStream writer = new TarArchiveOutputStream(out, "UTF-8")) {
            writer.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
            writer.setBigNumberMode(TarArchiveOutputStream.BIGNUMBER_STAR);
            TarArchiveEntry entry = new TarArchiveEntry("n".repeat(300));
            entry.setUserId(0x7fff_ffffL);
            entry.setSize(3);
            writer.putArchiveEntry(entry);
            writer.write("abc".getBytes(UTF_8));
            writer.closeArchiveEntry();
        }

        TarReader tar = reader(out.toByteArray());

        TarEntry entry = tar.next();
        assertEquals("n".repeat(300), entry.name());
        assertEquals(0x7fff_ffffL, entry.uid());
        assertEquals("abc", content(tar));
    }

    @Test
    void sparse_map_in_the_content_is_read() throws IOException {
        String map = "2\n0\n3\n1000\n2\n";
        TarReader tar = reader(new TarArchive()
                .add(
                        TarArchive.file("ignored")
                                .pax("GNU.sparse.major", "1")
                                .pax("GNU.sparse.minor", "0")
                                .pax("GNU.sparse.name", "holes")
                                .pax("GNU.sparse.realsize", "4096"),
                        map + "\0".repeat(512 - map.length()) + "abcde")
                .end());

        TarEntry entry = tar.next();

        assertEquals("holes", entry.name());
        assertEquals(4096, entry.size());
        assertEquals(List.of(new TarEntry.Part(0, 3), new TarEntry.Part(1000, 2)), entry.parts());
        assertEquals("abcde", content(tar));
    }

    @Test
    void sparse_map_that_does_not_match_the_content_is_refused() {
        for (String map : List.of("0,3,2,2", "0,3", "10,5", "0,9223372036854775807", "-1,5", "0,5,5")) {
            TarReader tar = reader(new TarArchive()
                    .add(TarArchive.file("f").pax("GNU.sparse.map", map).pax("GNU.sparse.size", "12"), "abcde")
                    .end());

            assertThrows(IOException.class, tar::next, map);
        }
    }

    @Test
    void headers_without_bound_are_refused() {
        TarReader tar = reader(new TarArchive()
                .addHeader(new TarArchive.Member('x', "pax"), 2_000_000)
                .end());

        assertThrows(IOException.class, tar::next);
    }

    @Test
    void malformed_extended_headers_are_refused() {
        for (String records : List.of("5 a=b\n", "999 a=b\n", "x a=b\n", "7 a=bc", "6 abc\n", "-6 a=b\n", "0 \n")) {
            TarReader tar = reader(new TarArchive()
                    .add(new TarArchive.Member('x', "pax"), records)
                    .add(TarArchive.file("f"))
                    .end());

            assertThrows(IOException.class, tar::next, records);
        }
    }

    @Test
    void bytes_that_are_no_tar_are_refused() {
        byte[] noise = new byte[2048];
        Arrays.fill(noise, (byte) 'x');

        assertThrows(IOException.class, reader(noise)::next);
    }

    @Test
    void file_cut_short_is_an_error() throws IOException {
        TarReader tar = reader(new TarArchive()
                .addHeader(TarArchive.file("f"), 100)
                .raw(new byte[50])
                .cut());

        tar.next();

        assertThrows(TarFormatException.class, () -> content(tar));
    }

    @Test
    void old_gnu_sparse_header_is_read() throws IOException {
        byte[] header =
                new TarArchive().addHeader(new TarArchive.Member('S', "s"), 5).cut();
        put(header, 386, 0);
        put(header, 398, 3);
        put(header, 410, 8);
        put(header, 422, 2);
        put(header, 483, 20);
        TarArchive.checksum(header);
        TarReader tar = reader(new TarArchive()
                .raw(header)
                .raw(Arrays.copyOf("abcde".getBytes(UTF_8), 512))
                .end());

        TarEntry entry = tar.next();

        assertEquals(20, entry.size());
        assertEquals(List.of(new TarEntry.Part(0, 3), new TarEntry.Part(8, 2)), entry.parts());
        assertEquals('0', entry.type());
        assertEquals("abcde", content(tar));
    }

    private static void put(byte[] block, int at, long value) {
        System.arraycopy("%011o\0".formatted(value).getBytes(ISO_8859_1), 0, block, at, 12);
    }

    private static TarReader reader(byte[] tar) {
        return new TarReader(new ByteArrayInputStream(tar));
    }

    private static String content(TarReader tar) throws IOException {
        byte[] buffer = new byte[100_000];
        int length = 0;
        for (int read = 0; read >= 0; read = tar.read(buffer, length, buffer.length - length)) {
            length += read;
        }
        return new String(buffer, 0, length, UTF_8);
    }
}
