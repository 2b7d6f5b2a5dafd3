package dev.gantry.agent.log;

import dev.gantry.agent.api.ContainerSpec;
import dev.gantry.agent.linux.ErrnoException;
import dev.gantry.agent.linux.Fifo;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jboss.logging.Logger;

/**
 * Keeps the log of one running container within its bounds: moves the file aside when it is large enough and has conmon
 * open a new one. conmon writes to the old one until then, so that no line is lost. A container that writes faster than
 * that passes the bound for at most {@link #INTERVAL_MILLIS}: files that nobody writes to any more are then cut at
 * their front.
 */
final class LogRotation {
    private static final Logger LOG = Logger.getLogger(LogRotation.class);
    private static final int INTERVAL_MILLIS = 200;
    private static final String REOPEN = "2 0 0\n";
    private static final int REOPEN_ATTEMPTS = 100;
    /** Of a log that is to be sent away yet. */
    private static final long NEEDED_MOST = 100_000_000;

    private final LogFiles files;
    private final ContainerSpec.LogSpec bounds;
    private final Path control;
    private final Needed needed;

    /** Whether someone has yet to read a file. */
    interface Needed {
        boolean test(LogFiles.Found file) throws IOException;
    }

    /** @param control conmon's fifo */
    LogRotation(LogFiles files, ContainerSpec.LogSpec bounds, Path control) {
        this(files, bounds, control, file -> false);
    }

    /** @param needed of what is needed more may be kept than is to be read, and it is compressed later */
    LogRotation(LogFiles files, ContainerSpec.LogSpec bounds, Path control, Needed needed) {
        this.files = files;
        this.bounds = bounds;
        this.control = control;
        this.needed = needed;
    }

    /** Returns when the container has ended. */
    void watch(CompletableFuture<Void> end) throws InterruptedException {
        boolean ended = false;
        while (!ended) {
            try {
                end.get(INTERVAL_MILLIS, TimeUnit.MILLISECONDS);
                ended = true;
                cutToBound(true);
            } catch (TimeoutException e) {
                rotateIfLargeOrWarn();
            } catch (ExecutionException | IOException e) {
                LOG.warnf(e, "cannot bound %s", files.current());
            }
        }
    }

    private void rotateIfLargeOrWarn() throws InterruptedException {
        try {
            rotateIfLarge();
        } catch (IOException e) {
            LOG.warnf(e, "cannot rotate %s", files.current());
        }
    }

    void rotateIfLarge() throws IOException, InterruptedException {
        try {
            if (Files.size(files.current()) >= bounds.maxSize()) {
                rotate();
            }
        } catch (NoSuchFileException e) {
            // Moved aside already, by an agent that was killed before it could tell conmon.
            reopen();
        }
    }

    private void rotate() throws IOException, InterruptedException {
        int kept = Math.max(1, (int) Math.min(Integer.MAX_VALUE, most() / bounds.maxSize()) - 1);
        int last = 0;
        while (exists(last + 1)) {
            last++;
        }
        for (int number = last; number >= 1; number--) {
            if (number >= kept) {
                delete(number);
            } else {
                shift(number);
            }
        }
        move(files.current(), files.rotated(1));
        reopen();
        if (kept == 1 && bounds.maxFile() <= 1 && !isNeeded(1)) {
            Files.deleteIfExists(files.rotated(1));
        }
        // conmon has left the old file when there is a new one.
        for (int attempt = 0; attempt < REOPEN_ATTEMPTS && !Files.exists(files.current()); attempt++) {
            Thread.sleep(1);
        }
        if (Files.exists(files.current())) {
            cutToBound(false);
            compress();
        }
    }

    private boolean exists(int number) {
        return Files.exists(files.rotated(number)) || Files.exists(CompressedLog.of(files.rotated(number)));
    }

    private void delete(int number) throws IOException {
        Files.deleteIfExists(files.rotated(number));
        Files.deleteIfExists(CompressedLog.of(files.rotated(number)));
    }

    private void shift(int number) throws IOException {
        // Both are there when an agent was killed in between: the compressed one is made again.
        if (Files.exists(files.rotated(number))) {
            move(files.rotated(number), files.rotated(number + 1));
            Files.deleteIfExists(CompressedLog.of(files.rotated(number)));
        } else {
            move(CompressedLog.of(files.rotated(number)), CompressedLog.of(files.rotated(number + 1)));
        }
    }

    private void compress() throws IOException {
        for (int number = 1; bounds.compress() && exists(number); number++) {
            if (Files.exists(files.rotated(number)) && !isNeeded(number)) {
                CompressedLog.compress(files.rotated(number));
            }
        }
    }

    private boolean isNeeded(int number) throws IOException {
        LogFiles.Found file = files.find(files.rotated(number));
        return file != null && needed.test(file);
    }

    /** Bytes of all files together. */
    private long most() throws IOException {
        long most = bounds.maxSize() * bounds.maxFile();
        LogFiles.Found oldest = files.oldest();
        return oldest != null && needed.test(oldest) ? Math.max(most, NEEDED_MOST) : most;
    }

    /**
     * Keeps the newest {@code maxSize} times {@code maxFile} bytes of all files together, in whole lines.
     *
     * @param ended whether nobody writes to the current file any more, so that it may be cut too
     */
    private void cutToBound(boolean ended) throws IOException {
        long left = most();
        if (Files.exists(files.current())) {
            if (ended && bounds.shipping() == null) {
                cut(files.current(), left);
            }
            left -= Files.size(files.current());
        }
        for (int number = 1; exists(number); number++) {
            boolean compressed = !Files.exists(files.rotated(number));
            Path file = compressed ? CompressedLog.of(files.rotated(number)) : files.rotated(number);
            if (left <= 0) {
                Files.delete(file);
            } else if (compressed || bounds.shipping() != null) {
                left -= Files.size(file);
            } else {
                cut(file, left);
                left -= Files.size(file);
            }
        }
    }

    private static void cut(Path file, long size) throws IOException {
        long excess = Files.size(file) - size;
        if (excess <= 0) {
            return;
        }
        Path kept = file.resolveSibling(file.getFileName() + ".cut");
        try (InputStream in = new BufferedInputStream(Files.newInputStream(file));
                OutputStream out = Files.newOutputStream(kept)) {
            in.skipNBytes(excess - 1);
            for (int next = in.read(); next >= 0 && next != '\n'; next = in.read()) {}
            in.transferTo(out);
        }
        move(kept, file);
    }

    private static void move(Path from, Path to) throws IOException {
        Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
    }

    private void reopen() throws IOException {
        try {
            Fifo.write(control, REOPEN);
        } catch (ErrnoException e) {
            // Nobody reads: conmon has ended, and so has the log.
            LOG.debugf(e, "cannot reopen %s", files.current());
        }
    }
}
