package dev.gantry.image.content;

import java.nio.charset.StandardCharsets;
import org.apache.commons.compress.archivers.tar.TarUtils;

/**
 * Adds up the sizes of the files in a tar while it streams by, a symbolic link's being the length of what it leads to:
 * what Docker shows as the size of a layer. A stream that is no tar, or sizes beyond 8 GiB kept in extended headers, only make the figure wrong.
 */
public final class TarPayload {
    private static final int BLOCK = 512;
    private static final int SIZE_OFFSET = 124;
    private static final int SIZE_LENGTH = 12;
    private static final int TYPE_OFFSET = 156;
    private static final int LINK_OFFSET = 157;
    private static final int LINK_LENGTH = 100;

    private final byte[] header = new byte[BLOCK];
    private int filled;
    private long toSkip;
    private long size;

    /**
     * Takes the next bytes of the stream.
     *
     * @param length how many of the buffer are new
     */
    public void accept(byte[] buffer, int length) {
        int position = 0;
        while (position < length) {
            if (toSkip > 0) {
                int skipped = (int) Math.min(toSkip, length - position);
                toSkip -= skipped;
                position += skipped;
                continue;
            }
            int taken = Math.min(BLOCK - filled, length - position);
            System.arraycopy(buffer, position, header, filled, taken);
            filled += taken;
            position += taken;
            if (filled == BLOCK) {
                filled = 0;
                entry();
            }
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
        if (type == '2') {
            size += TarUtils.parseName(header, LINK_OFFSET, LINK_LENGTH).getBytes(StandardCharsets.UTF_8).length;
        }
        // Links, devices and directories have no content, whatever their size field says.
        if (length <= 0 || (type >= '1' && type <= '6')) {
            return;
        }
        if (type == 0 || type == '0' || type == '7') {
            size += length;
        }
        toSkip = (length + BLOCK - 1) / BLOCK * BLOCK;
    }

    public long size() {
        return size;
    }
}
