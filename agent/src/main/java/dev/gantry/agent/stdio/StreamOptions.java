package dev.gantry.agent.stdio;

/**
 * What one client wants of a process's streams.
 *
 * @param logs output from before the attach, from the log
 * @param stream output from now on, and input
 * @param tty the process has a terminal: its output is one stream, stdout, and detach keys work
 * @param framed output in Docker's frames; otherwise it is stdout as it comes, and of stderr nothing
 * @param closeStdin the process's stdin ends when this client's input does; otherwise the client is detached then
 * @param detachKeys bytes that detach when typed, see {@link DetachKeys}
 */
record StreamOptions(
        boolean logs,
        boolean stream,
        boolean stdin,
        boolean stdout,
        boolean stderr,
        boolean tty,
        boolean framed,
        boolean closeStdin,
        byte[] detachKeys) {

    boolean wants(StdStream from) {
        return switch (from) {
            case STDOUT -> stdout;
            case STDERR -> stderr && framed && !tty;
        };
    }

    StreamOptions withoutStream() {
        return new StreamOptions(logs, false, stdin, stdout, stderr, tty, framed, closeStdin, detachKeys);
    }

    /** Whether there is anything to send in either direction. */
    boolean wantsAny() {
        return stdin || wants(StdStream.STDOUT) || wants(StdStream.STDERR);
    }

    String contentType() {
        return contentType(framed);
    }

    static String contentType(boolean framed) {
        return framed ? "application/vnd.docker.multiplexed-stream" : "application/vnd.docker.raw-stream";
    }
}
