package dev.gantry.tar;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/**
 * Bytes of the files in a tar, a symbolic link's being the length of what it leads to: what Docker shows as the size of
 * a layer.
 */
public final class ContentSize {
    private ContentSize() {}

    /**
     * Reads the stream to its end. One that is no tar, or turns into something else on the way, only makes the figure
     * wrong: that is for whoever unpacks it to refuse.
     */
    public static long of(InputStream in) throws IOException {
        long size = 0;
        try {
            TarReader tar = new TarReader(in);
            for (TarEntry entry = tar.next(); entry != null; entry = tar.next()) {
                size += of(entry);
                if (size < 0) {
                    throw new TarFormatException("files in a tar are too large");
                }
            }
        } catch (TarFormatException e) {
            size = Math.max(0, size);
        }
        in.transferTo(OutputStream.nullOutputStream());
        return size;
    }

    private static long of(TarEntry entry) {
        return switch (entry.type()) {
            case '0' -> entry.size();
            case '2' -> entry.linkName().length();
            default -> 0;
        };
    }
}
