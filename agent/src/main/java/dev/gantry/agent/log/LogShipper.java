package dev.gantry.agent.log;

import dev.gantry.agent.api.ContainerSpec;
import dev.gantry.agent.log.remote.LogMessage;
import dev.gantry.agent.log.remote.LogTarget;
import dev.gantry.agent.log.remote.LogTargets;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/**
 * Sends the log of one container to its target, from where the one before it came to. What was sent is noted after each
 * block that the target took: after a failure, or by the next agent, everything behind that is sent again. A container never
 * waits for it: what waits is in the log's files, and what these lose is lost. Runs on a virtual thread of its own.
 */
final class LogShipper {
    private static final Logger LOG = Logger.getLogger(LogShipper.class);
    private static final int BLOCK = 64 * 1024;
    private static final int PAUSE_MIN_MILLIS = 10;
    private static final int PAUSE_MAX_MILLIS = 160;
    /** A target that takes so long for a block is as good as away. */
    private static final long SLOW = TimeUnit.SECONDS.toNanos(1);
    /** What a container that is removed waits for a target that takes lines; dockerd waits as long. */
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    /** In which it must take some. */
    private static final Duration STEP = Duration.ofSeconds(1);

    private static final Duration STOPPING = Duration.ofSeconds(2);
    private static final int STREAM = 1;
    private static final int MARK = 8;
    private static final int TEXT = 10;

    private final ContainerSpec container;
    private final LogFiles files;
    private final ShippedUpTo sent;
    private final LogTarget.Retry retry;
    private final CompletableFuture<Void> end;
    private final MessageAssembly stdout = new MessageAssembly(false, this::deliver);
    private final MessageAssembly stderr = new MessageAssembly(true, this::deliver);
    private final Timestamps time = new Timestamps();
    private final CompletableFuture<Void> done = new CompletableFuture<>();

    private volatile LogTarget target;
    private volatile boolean stopped;
    private volatile Thread thread;
    private volatile long failures;
    private volatile ShippedUpTo.Places noted;
    /** Messages to come that are given up, and those that were since the latest note. */
    private long toDrop;

    private long dropped;
    /** Bytes that may wait from now on, until as few do; -1 for any number. */
    private long shedTo = -1;

    /** Lines of the block that begin before it are given up. */
    private long shedBefore;

    private boolean shedding;

    private LogFiles.Found file;
    private FileChannel channel;
    private long position;
    private byte[] block;

    /**
     * @param target open; null when it is to be reached yet
     * @param end completes when nothing more will be written to the log
     */
    LogShipper(ContainerSpec container, LogFiles files, LogTarget target, CompletableFuture<Void> end) {
        this.container = container;
        this.files = files;
        this.target = target;
        this.end = end;
        this.retry = LogTargets.retry(container);
        this.sent = new ShippedUpTo(files.current());
    }

    void start() {
        thread = Thread.ofVirtual().name("log-shipping-" + container.id()).start(this::run);
    }

    /** Whether all is sent and nothing more will come, or it was stopped. */
    boolean isDone() {
        return done.isDone();
    }

    /** The container goes, or starts anew: sends the rest if the target takes it, and ends. */
    void finish() {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        ShippedUpTo.Places before;
        do {
            before = noted;
            await(failures == 0 ? STEP : Duration.ZERO);
        } while (failures == 0 && !done.isDone() && noted != before && System.nanoTime() < deadline);
        stop();
    }

    private void stop() {
        stopped = true;
        LogTarget open = target;
        if (open != null) {
            open.close();
        }
        if (thread != null) {
            thread.interrupt();
            await(STOPPING);
        }
    }

    private void await(Duration patience) {
        try {
            done.get(patience.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (java.util.concurrent.ExecutionException | java.util.concurrent.TimeoutException e) {
            LOG.debugf("the log of container %s is not all sent", container.id());
        }
    }

    /** Whether something of that file, or of one before it, may be sent yet. */
    boolean needs(LogFiles.Found other) throws IOException {
        ShippedUpTo.Places places = noted;
        if (places == null || done.isDone()) {
            return !done.isDone();
        }
        return files.isSameOrAfter(other, places.stdout().file())
                || files.isSameOrAfter(other, places.stderr().file());
    }

    private void run() {
        try {
            rewind(sent.read());
            loop();
        } catch (InterruptedException e) {
            LOG.debugf("sending the log of container %s was stopped", container.id());
        } catch (IOException | RuntimeException e) {
            if (!stopped) {
                LOG.errorf(e, "the log of container %s cannot be sent any more", container.id());
            }
        } finally {
            close(channel);
            LogTarget open = target;
            if (open != null) {
                open.close();
            }
            done.complete(null);
        }
    }

    private void loop() throws IOException, InterruptedException {
        int pause = PAUSE_MIN_MILLIS;
        while (!stopped) {
            boolean over = end.isDone();
            try {
                boolean waiting = target != null || files.bytesFrom(file, position) > 0;
                if (target == null && waiting) {
                    reach();
                }
                if (!waiting && over) {
                    return;
                } else if (waiting && shipBlock()) {
                    pause = PAUSE_MIN_MILLIS;
                } else if (over) {
                    stdout.end();
                    stderr.end();
                    commit();
                    return;
                } else {
                    Thread.sleep(pause);
                    pause = Math.min(PAUSE_MAX_MILLIS, pause * 2);
                }
            } catch (TargetFailure e) {
                away(e);
            }
        }
    }

    /** What the target does, apart from what our own files do. */
    private static final class TargetFailure extends IOException {
        TargetFailure(IOException cause) {
            super(cause.getMessage(), cause);
        }
    }

    private void reach() throws TargetFailure {
        try {
            LogTarget open = LogTargets.open(container);
            target = open;
            if (stopped) {
                open.close();
            }
        } catch (IOException e) {
            throw new TargetFailure(e);
        }
    }

    private void away(TargetFailure failure) throws IOException, InterruptedException {
        if (stopped) {
            return;
        }
        LogTarget open = target;
        target = null;
        if (open != null) {
            open.close();
        }
        if (failures == 0) {
            LOG.warnf("the target of container %s's log is away: %s", container.id(), failure.getMessage());
        }
        if (failures >= retry.attempts()) {
            toDrop = Math.max(1, toDrop + dropped);
            dropped = 0;
            failures = 0;
        }
        // It may only have closed the connection.
        Thread.sleep(failures == 0 ? Duration.ofMillis(PAUSE_MIN_MILLIS) : retry.before(failures - 1));
        failures++;
        toDrop += dropped;
        dropped = 0;
        rewind(noted);
        shed();
    }

    /** Gives up what is too much to wait, the oldest first. */
    private void shed() throws IOException {
        shedTo = container.log().shipping().buffer();
        if (retry.messages() < Long.MAX_VALUE) {
            toDrop = Math.max(toDrop, files.linesFrom(file, position) - retry.messages());
        }
    }

    /** Goes back to that place; null for the log's beginning. */
    private void rewind(ShippedUpTo.Places places) throws IOException {
        noted = places;
        stdout.resumeAt(places == null ? null : places.stdout());
        stderr.resumeAt(places == null ? null : places.stderr());
        close(channel);
        channel = null;
        file = null;
        position = 0;
        if (places == null) {
            return;
        }
        LogFiles.Found first = files.named(places.stdout().file());
        LogFiles.Found second = files.named(places.stderr().file());
        if (first == null || second == null) {
            // The older one of them is gone, with all before it.
            stdout.resumeAt(first == null ? null : places.stdout());
            stderr.resumeAt(second == null ? null : places.stderr());
            return;
        }
        if (first.identity().equals(second.identity())) {
            file = first;
            position = Math.min(places.stdout().position(), places.stderr().position());
        } else {
            boolean older = files.isSameOrAfter(second, places.stdout().file());
            file = older ? first : second;
            position = older ? places.stdout().position() : places.stderr().position();
        }
    }

    /** @return whether there was something */
    private boolean shipBlock() throws IOException {
        if (channel == null) {
            file = file == null ? files.oldest() : file;
            channel = file == null ? null : files.open(file);
            if (channel == null) {
                LogFiles.Found gone = file;
                return gone != null && leave(gone);
            }
        }
        // Looked up before reading to the end: what was written before then is read.
        LogFiles.Found next = channel.size() <= position ? files.after(file.identity()) : null;
        if (block == null) {
            block = new byte[BLOCK];
        }
        shedBefore = shedTo < 0 ? 0 : files.bytesFrom(file, position) - shedTo;
        shedTo = shedBefore > 0 ? shedTo : -1;
        int size = channel.read(ByteBuffer.wrap(block), position);
        if (size <= 0) {
            return next != null && turnTo(next);
        }
        int used = entries(size);
        if (used == 0) {
            if (size < block.length) {
                // A line that is not all there yet; in a file that nobody writes to any more, one that never will be.
                return next != null && turnTo(next);
            }
            used = size;
        }
        position += used;
        commit();
        return true;
    }

    /** The file was deleted before it could be opened. */
    private boolean leave(LogFiles.Found gone) throws IOException {
        stdout.left(gone.identity().toString());
        stderr.left(gone.identity().toString());
        file = files.after(gone.identity());
        position = 0;
        return file != null;
    }

    private boolean turnTo(LogFiles.Found next) throws IOException {
        close(channel);
        stdout.left(file.identity().toString());
        stderr.left(file.identity().toString());
        file = next;
        channel = files.open(next);
        position = 0;
        return true;
    }

    /** Takes the whole lines of the block. @return behind the last of them */
    private int entries(int size) throws IOException {
        String name = file.identity().toString();
        int line = 0;
        for (int i = 0; i < size; i++) {
            if (block[i] == '\n') {
                entry(MessageAssembly.Place.of(name, position + line), line, i);
                line = i + 1;
            }
        }
        return line;
    }

    private void entry(MessageAssembly.Place place, int start, int end) throws IOException {
        int space = start;
        while (space < end && block[space] != ' ') {
            space++;
        }
        int text = space + TEXT;
        if (text > end || !time.read(block, start, space)) {
            return;
        }
        shedding = start < shedBefore;
        boolean error = block[space + STREAM + 3] == 'e';
        boolean whole = block[space + MARK] == 'F';
        Instant at = Instant.ofEpochSecond(time.seconds(), time.nanos());
        (error ? stderr : stdout).add(place, at, block, text, end, whole);
    }

    private void deliver(LogMessage message) throws TargetFailure {
        if (toDrop > 0) {
            toDrop--;
            dropped++;
            return;
        }
        if (shedding) {
            return;
        }
        try {
            target.send(message);
        } catch (IOException e) {
            throw new TargetFailure(e);
        }
    }

    /** The target has all so far. */
    private void commit() throws IOException {
        long before = System.nanoTime();
        try {
            target.flush();
        } catch (IOException e) {
            throw new TargetFailure(e);
        }
        failures = 0;
        dropped = 0;
        MessageAssembly.Place here =
                MessageAssembly.Place.of(file == null ? "-" : file.identity().toString(), position);
        noted = new ShippedUpTo.Places(stdout.place(here), stderr.place(here));
        sent.write(noted);
        if (System.nanoTime() - before > SLOW) {
            shed();
        }
    }

    private static void close(FileChannel open) {
        try {
            if (open != null) {
                open.close();
            }
        } catch (IOException e) {
            LOG.debug("a log cannot be closed", e);
        }
    }
}
