package dev.gantry.image.content;

import dev.gantry.agent.api.Digest;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.security.MessageDigest;
import java.util.function.LongConsumer;

/** Digests, counts and copies the bytes that pass. */
public final class DigestedInput extends FilterInputStream {
    private final MessageDigest algorithm = Digest.begin();
    private final OutputStream copy;
    private final LongConsumer progress;
    private long count;

    /** @param progress told after each read how many bytes there were; may throw to end it */
    public DigestedInput(InputStream in, OutputStream copy, LongConsumer progress) {
        super(in);
        this.copy = copy;
        this.progress = progress;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
        int n = in.read(buffer, offset, length);
        if (n > 0) {
            algorithm.update(buffer, offset, n);
            copy.write(buffer, offset, n);
            count += n;
            progress.accept(count);
        }
        return n;
    }

    /** Skipped bytes count as well. */
    @Override
    public long skip(long wanted) throws IOException {
        byte[] skipped = new byte[(int) Math.min(8192, Math.max(0, wanted))];
        return Math.max(0, read(skipped, 0, skipped.length));
    }

    public long count() {
        return count;
    }

    /** Once, at the end. */
    public String digest() {
        return Digest.finish(algorithm);
    }
}
