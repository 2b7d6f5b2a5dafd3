package dev.gantry.image.archive;

import java.io.IOException;
import java.io.InputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.apache.commons.compress.archivers.tar.TarUtils;

/** A tar stream that refuses headers which would have to be held in memory and are larger than any real one. */
final class BoundedTarInput extends TarArchiveInputStream {
    private static final int TYPE_OFFSET = 156;
    private static final int SIZE_OFFSET = 124;
    private static final int SIZE_LENGTH = 12;
    private static final long MAX_HEADER = 1 << 20;

    BoundedTarInput(InputStream in) {
        super(in);
    }

    @Override
    protected byte[] readRecord() throws IOException {
        byte[] header = super.readRecord();
        if (header != null && isExtension(header[TYPE_OFFSET]) && size(header) > MAX_HEADER) {
            throw new IOException("archive/tar: header field too long");
        }
        return header;
    }

    private static boolean isExtension(byte type) {
        return switch (type) {
            case TarConstants.LF_GNUTYPE_LONGNAME,
                    TarConstants.LF_GNUTYPE_LONGLINK,
                    TarConstants.LF_PAX_EXTENDED_HEADER_LC,
                    TarConstants.LF_PAX_EXTENDED_HEADER_UC,
                    TarConstants.LF_PAX_GLOBAL_EXTENDED_HEADER -> true;
            default -> false;
        };
    }

    private static long size(byte[] header) throws IOException {
        try {
            return TarUtils.parseOctalOrBinary(header, SIZE_OFFSET, SIZE_LENGTH);
        } catch (IllegalArgumentException e) {
            throw new IOException("archive/tar: invalid tar header", e);
        }
    }
}
