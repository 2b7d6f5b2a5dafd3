package dev.gantry.agent.snapshot;

import static java.io.OutputStream.nullOutputStream;

import dev.gantry.agent.api.Digest;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;

/** Digests and counts a blob while it is read; stops as soon as it is longer than it should be. */
final class VerifiedBlob extends FilterInputStream {
    private final LayerId digest;
    private final long size;
    private final MessageDigest actual;
    private long count;

    /** @param size expected bytes, or 0 when it is not known */
    VerifiedBlob(InputStream in, LayerId digest, long size) {
        super(in);
        this.digest = digest;
        this.size = size;
        this.actual = Digest.begin();
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
        int read = in.read(buffer, offset, length);
        if (read > 0) {
            actual.update(buffer, offset, read);
            count += read;
            if (size > 0 && count > size) {
                throw new IOException("blob " + digest + " is longer than the " + size + " bytes announced");
            }
        }
        return read;
    }

    @Override
    public boolean markSupported() {
        return false;
    }

    /** Reads what is left, then compares. */
    void verify() throws IOException {
        transferTo(nullOutputStream());
        if (size > 0 && count != size) {
            throw new IOException("blob " + digest + " has " + count + " bytes instead of " + size);
        }
        digest.verify(actual, "blob");
    }
}
