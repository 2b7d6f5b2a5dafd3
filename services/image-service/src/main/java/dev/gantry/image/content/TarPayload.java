package dev.gantry.image.content;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.util.Map;
import java.util.TreeMap;
import org.apache.commons.compress.archivers.tar.TarUtils;

/**
 * Adds up the sizes of the files in a tar while it streams by, a symbolic link's being the length of what it leads to:
 * what Docker shows as the size of a layer. A stream that is no tar only makes the figure wrong. Lengths that do not fit
 * a header are taken from extended headers: POSIX.1-2017 pax, "pax Extended Header", and GNU tar's type {@code K}.
 */
public final class TarPayload {
    private static final int BLOCK = 512;
    private static final int SIZE_OFFSET = 124;
    private static final int SIZE_LENGTH = 12;
    private static final int TYPE_OFFSET = 156;
    private static final int LINK_OFFSET = 157;
    private static final int LINK_LENGTH = 100;

    /** No extended header is longer in an image that the agent would unpack. */
    private static final int LONGEST_EXTENSION = 1 << 20;

    private final byte[] header = new byte[BLOCK];
    private int filled;
    private long toSkip;
    private long size;

    /** Content of the extended header that streams by; null outside of one. */
    private ByteArrayOutputStream extension;

    private byte extensionType;
    private long extensionLeft;

    /** What extended headers said of the next entry, by pax keyword. */
    private final Map<String, String> extended = new TreeMap<>();

    /**
     * Takes the next bytes of the stream.
     *
     * @param length how many of the buffer are new
     */
    public void accept(byte[] buffer, int length) {
        int position = 0;
        while (position < length) {
            int left = length - position;
            if (toSkip > 0) {
                int skipped = (int) Math.min(toSkip, left);
                keep(buffer, position, skipped);
                toSkip -= skipped;
                position += skipped;
                if (toSkip == 0 && extension != null) {
                    extend();
                }
                continue;
            }
            int taken = Math.min(BLOCK - filled, left);
            System.arraycopy(buffer, position, header, filled, taken);
            filled += taken;
            position += taken;
            if (filled == BLOCK) {
                filled = 0;
                entry();
            }
        }
    }

    private void keep(byte[] buffer, int position, int length) {
        if (extension != null) {
            int kept = (int) Math.min(length, extensionLeft);
            extension.write(buffer, position, kept);
            extensionLeft -= kept;
        }
    }

    private void entry() {
        long length;
        try {
            length = TarUtils.parseOctalOrBinary(header, SIZE_OFFSET, SIZE_LENGTH);
        } catch (IllegalArgumentException e) {
            return;
        }
        byte type = header[TYPE_OFFSET];
        switch (type) {
            case 'x', 'K' -> {
                if (length > 0 && length <= LONGEST_EXTENSION) {
                    extension = new ByteArrayOutputStream();
                    extensionType = type;
                    extensionLeft = length;
                }
                skip(length);
            }
            case 'L', 'g' -> skip(length);
            default -> {
                member(type, number(extended.get("size"), length));
                extended.clear();
            }
        }
    }

    private void member(byte type, long length) {
        if (type == '2') {
            String target = extended.get("linkpath");
            size += target == null ? lengthOfLink() : target.length();
        }
        // Links, devices and directories have no content, whatever their size field says.
        if (type >= '1' && type <= '6') {
            return;
        }
        if (type == 0 || type == '0' || type == '7') {
            size += Math.max(0, length);
        }
        skip(length);
    }

    private void skip(long length) {
        toSkip = length <= 0 ? 0 : (length + BLOCK - 1) / BLOCK * BLOCK;
    }

    private int lengthOfLink() {
        int end = LINK_OFFSET;
        while (end < LINK_OFFSET + LINK_LENGTH && header[end] != 0) {
            end++;
        }
        return end - LINK_OFFSET;
    }

    private void extend() {
        // One character is one byte: only lengths matter.
        String text = extension.toString(ISO_8859_1);
        extension = null;
        if (extensionType == 'K') {
            int end = text.indexOf('\0');
            extended.putIfAbsent("linkpath", end < 0 ? text : text.substring(0, end));
            return;
        }
        int at = 0;
        while (at < text.length()) {
            int space = text.indexOf(' ', at);
            long length = space < 0 ? 0 : number(text.substring(at, space), 0);
            int equals = text.indexOf('=', space + 1);
            if (length <= 0 || at + length > text.length() || equals < 0 || equals >= at + length) {
                return;
            }
            int end = (int) (at + length);
            extended.put(text.substring(space + 1, equals), text.substring(equals + 1, end - 1));
            at = end;
        }
    }

    private static long number(String text, long otherwise) {
        try {
            return text == null ? otherwise : Long.parseLong(text);
        } catch (NumberFormatException e) {
            return otherwise;
        }
    }

    public long size() {
        return size;
    }
}
