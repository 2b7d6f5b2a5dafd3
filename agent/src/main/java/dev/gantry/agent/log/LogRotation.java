package dev.gantry.agent.log;

import dev.gantry.agent.api.ContainerSpec;
import dev.gantry.agent.linux.ErrnoException;
import dev.gantry.agent.linux.Fifo;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.concurrent.CompletableFuture;
import org.jboss.logging.Logger;

/**
 * Keeps the log of one running container within its bounds: moves the file aside when it is large enough and has conmon
 * open a new one. conmon writes to the old one until then, so that no line is lost; the bound is therefore passed by what
 * the container writes within {@link #INTERVAL_MILLIS}.
 */
final class LogRotation {
    private static final Logger LOG = Logger.getLogger(LogRotation.class);
    private static final int INTERVAL_MILLIS = 200;
    private static final String REOPEN = "2 0 0\n";

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
        while (!end.isDone()) {
            try {
                rotateIfLarge();
            } catch (IOException e) {
                LOG.warnf(e, "cannot rotate %s", files.current());
            }
            Thread.sleep(INTERVAL_MILLIS);
        }
    }

    void rotateIfLarge() throws IOException {
        try {
            if (Files.size(files.current()) >= bounds.maxSize()) {
                rotate();
            }
        } catch (NoSuchFileException e) {
            // Moved aside already, by an agent that was killed before it could tell conmon.
            reopen();
        }
    }

    private void rotate() throws IOException {
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
