package dev.gantry.event;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.vertx.core.Context;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Predicate;
import org.jboss.logging.Logger;

/**
 * One subscriber: writes the log from its position on, as JSON lines, as fast as the client reads. It reads the tail in
 * memory, or the table when it is behind that, so a slow client costs no memory and misses nothing. Runs on the
 * response's context.
 */
final class EventStream {
    private static final Logger LOG = Logger.getLogger(EventStream.class);
    private static final int PAGE = 500;

    private final EventLog log;
    private final EventTail tail;
    private final ObjectMapper json;
    private final HttpServerResponse response;
    private final Context context;
    private final Predicate<LogEntry> wanted;
    private final Runnable wake = this::wake;
    private final AtomicBoolean woken = new AtomicBoolean();

    private long position;
    private long end = Long.MAX_VALUE;
    private boolean reading;
    private boolean waiting;
    private boolean ended;

    /** @param position number of the entry before the first to send */
    EventStream(
            EventLog log,
            EventTail tail,
            ObjectMapper json,
            HttpServerResponse response,
            Context context,
            Predicate<LogEntry> wanted,
            long position) {
        this.log = log;
        this.tail = tail;
        this.json = json;
        this.response = response;
        this.context = context;
        this.wanted = wanted;
        this.position = position;
    }

    void start() {
        tail.subscribe(wake);
        pump();
    }

    /** Ends once the entry of this number is sent. */
    void endAfter(long number) {
        end = number;
        pump();
    }

    /** The client is gone. */
    void cancel() {
        ended = true;
        tail.unsubscribe(wake);
    }

    private void wake() {
        if (woken.compareAndSet(false, true)) {
            context.runOnContext(ignored -> {
                woken.set(false);
                pump();
            });
        }
    }

    private void pump() {
        while (!ended && !reading && !waiting) {
            if (position >= end) {
                cancel();
                response.end();
            } else if (response.writeQueueFull()) {
                waiting = true;
                response.drainHandler(drained -> {
                    waiting = false;
                    pump();
                });
            } else {
                Optional<List<LogEntry>> next = tail.after(position);
                if (next.isEmpty()) {
                    readTable();
                } else if (next.get().isEmpty()) {
                    return;
                } else {
                    send(next.get());
                }
            }
        }
    }

    private void readTable() {
        reading = true;
        log.page(position, Math.min(end, tail.last()), PAGE)
                .subscribe()
                .with(
                        page -> context.runOnContext(ignored -> pageRead(page)),
                        e -> context.runOnContext(ignored -> {
                            LOG.warnf("a subscriber's stream ends: %s", e.getMessage());
                            cancel();
                            // Closing without the last chunk tells the client that this is not all.
                            response.reset();
                        }));
    }

    private void pageRead(List<LogEntry> page) {
        reading = false;
        if (!ended) {
            if (page.isEmpty()) {
                position = Math.min(end, tail.last());
            }
            send(page);
            pump();
        }
    }

    private void send(List<LogEntry> entries) {
        Buffer lines = Buffer.buffer();
        for (LogEntry entry : entries) {
            if (entry.number() <= end) {
                position = entry.number();
                if (wanted.test(entry)) {
                    append(lines, entry);
                }
            }
        }
        if (lines.length() > 0) {
            response.write(lines);
        }
        if (!entries.isEmpty() && entries.getLast().number() > end) {
            position = end;
        }
    }

    private void append(Buffer lines, LogEntry entry) {
        try {
            lines.appendBytes(json.writeValueAsBytes(EventMessage.of(entry))).appendByte((byte) '\n');
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }
}
