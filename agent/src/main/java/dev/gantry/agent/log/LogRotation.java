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

    private final LogFiles files;
    private final ContainerSpec.LogSpec bounds;
    private final Path control;

    /** @param control conmon's fifo */
    LogRotation(LogFiles files, ContainerSpec.LogSpec bounds, Path control) {
        this.files = files;
        this.bounds = bounds;
        this.control = control;
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
        int kept = Math.max(1, bounds.maxFile() - 1);
        Files.deleteIfExists(files.rotated(kept));
        for (int number = kept - 1; number >= 1; number--) {
            if (Files.exists(files.rotated(number))) {
                move(files.rotated(number), files.rotated(number + 1));
            }
        }
        move(files.current(), files.rotated(1));
        reopen();
        if (bounds.maxFile() <= 1) {
            Files.deleteIfExists(files.rotated(1));
        }
        // conmon has left the old file when there is a new one.
        for (int attempt = 0; attempt < REOPEN_ATTEMPTS && !Files.exists(files.current()); attempt++) {
            Thread.sleep(1);
        }
        if (Files.exists(files.current())) {
            cutToBound(false);
        }
    }

    /**
     * Keeps the newest {@code maxSize} times {@code maxFile} bytes of all files together, in whole lines.
     *
     * @param ended whether nobody writes to the current file any more, so that it may be cut too
     */
    private void cutToBound(boolean ended) throws IOException {
        long left = bounds.maxSize() * bounds.maxFile();
        if (Files.exists(files.current())) {
            if (ended) {
                cut(files.current(), left);
            }
            left -= Files.size(files.current());
        }
        for (int number = 1; Files.exists(files.rotated(number)); number++) {
            if (left <= 0) {
                Files.delete(files.rotated(number));
            } else {
                cut(files.rotated(number), left);
                left -= Files.size(files.rotated(number));
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
