package dev.gantry.agent.linux;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;

/**
 * File names as the kernel sees them: bytes, in no particular encoding. The file classes of this package take and give
 * a name as a string with one char (0 to 255) for each byte, so that every name survives a round trip. ASCII names are
 * the same in both forms.
 */
public final class ByteStrings {
    private ByteStrings() {}

    /** Text as the bytes of its UTF-8 form. */
    public static String of(String text) {
        return new String(text.getBytes(UTF_8), ISO_8859_1);
    }

    public static String of(Path path) {
        return of(path.toString());
    }

    /** For messages: bytes that are not UTF-8 show as replacement characters. */
    public static String toText(String bytes) {
        return new String(bytes.getBytes(ISO_8859_1), UTF_8);
    }

    /** @throws IllegalArgumentException when a NUL would cut the name short */
    static MemorySegment allocate(Arena arena, String bytes) {
        if (bytes.indexOf('\0') >= 0) {
            throw new IllegalArgumentException("A file name cannot contain a NUL byte");
        }
        return arena.allocateFrom(bytes, ISO_8859_1);
    }
}
