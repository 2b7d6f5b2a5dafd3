package dev.gantry.agent.stdio;

/**
 * A client on an exec that is being started. Its stream does not end before one of both is called: when there is nothing
 * to see, the reason has to come first.
 */
public final class ExecClient {
    private final StreamSession session;

    ExecClient(StreamSession session) {
        this.session = session;
    }

    /** The program runs, or has run: the stream ends with its output. */
    public void started() {
        session.settle(null);
    }

    /** There is no program. The client is told so in the stream's last line. */
    public void refused(String message) {
        session.settle(message);
    }
}
