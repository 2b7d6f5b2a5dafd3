package dev.gantry.tar;

import java.util.List;
import java.util.Map;

/**
 * One member of a tar archive, extended headers applied. Names are byte strings, unchecked.
 *
 * @param type the header's type flag; {@code '0'} for every kind of regular file
 * @param size of the file, in bytes, holes included
 * @param modifiedNanos 0 to 999,999,999, after {@code modifiedSeconds} since 1970
 * @param attributes extended attributes; values are byte strings
 * @param parts which parts of the file the archive holds; for a file without holes, one part
 */
public record TarEntry(
        char type,
        String name,
        String linkName,
        int mode,
        long uid,
        long gid,
        long size,
        long modifiedSeconds,
        int modifiedNanos,
        long deviceMajor,
        long deviceMinor,
        Map<String, String> attributes,
        List<Part> parts) {

    /** Bytes of a file that are stored, one part after the other. */
    public record Part(long offset, long length) {}

    /** Whether the archive lacks parts of the file: a few bytes could stand for an exabyte of zeros. */
    public boolean isSparse() {
        return parts.stream().mapToLong(Part::length).sum() != size;
    }
}
