package dev.gantry.agent.stdio;

import dev.gantry.agent.linux.ErrnoException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jboss.logging.Logger;

/** The clients of one container, those that wait for it to start among them. */
final class ContainerStreams {
    private static final Logger LOG = Logger.getLogger(ContainerStreams.class);
    private static final int CONNECT_ATTEMPTS = 200;

    private final List<StreamSession> waiting = new ArrayList<>();
    /** Links whose clients left, kept since closing one would close the container's stdin. */
    private final Deque<ConmonLink> idle = new ArrayDeque<>();

    /** Null while the container does not run. */
    private Path socket;

    /** Connects the session now if the container runs, otherwise when it starts. */
    synchronized void add(StreamSession session) {
        if (socket != null) {
            connect(session);
            return;
        }
        waiting.add(session);
        session.ended().thenRun(() -> remove(session));
    }

    private synchronized void remove(StreamSession session) {
        waiting.remove(session);
    }

    /** The container exists in conmon and is about to start; those who waited will miss nothing. */
    synchronized void connect(Path attachSocket) {
        socket = attachSocket;
        idle.clear();
        waiting.forEach(this::connect);
        waiting.clear();
    }

    private void connect(StreamSession session) {
        try {
            ConmonLink kept = takeIdle();
            session.connect(kept != null ? kept : connect(socket, session), link -> keep(link, session.options()));
        } catch (IOException e) {
            LOG.debugf(e, "no connection to %s", socket);
            session.end();
        }
    }

    private ConmonLink takeIdle() {
        ConmonLink link = idle.poll();
        while (link != null && !link.channel().isOpen()) {
            link = idle.poll();
        }
        return link;
    }

    static ConmonLink connect(Path socket, StreamSession session) throws IOException {
        for (int attempt = 1; ; attempt++) {
            try {
                return ConmonLink.connect(socket, session.loop());
            } catch (ErrnoException e) {
                // conmon lets ten connections wait; it accepts them as soon as it gets to run.
                if (e.errno() != ErrnoException.EAGAIN || attempt == CONNECT_ATTEMPTS) {
                    throw e;
                }
                pause();
            }
        }
    }

    private static void pause() throws IOException {
        try {
            Thread.sleep(5);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    private synchronized void keep(ConmonLink link, StreamOptions options) {
        link.drain();
        if (!options.stdin() || !options.closeStdin()) {
            idle.add(link);
        }
    }

    /** The container has ended. Connected clients end by themselves, with the last byte; the others will see none. */
    synchronized void ended() {
        socket = null;
        idle.clear();
        List.copyOf(waiting).forEach(StreamSession::end);
        waiting.clear();
    }
}
