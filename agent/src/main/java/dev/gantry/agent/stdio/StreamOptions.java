package dev.gantry.agent.stdio;

/**
 * What one client wants of a process's streams.
 *
 * @param logs output from before the attach, from the log
 * @param stream output from now on, and input
 * @param tty the process has a terminal: output is one raw stream, and detach keys work
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
        boolean closeStdin,
        byte[] detachKeys) {

    boolean wants(StdStream from) {
        return switch (from) {
            case STDOUT -> stdout;
            case STDERR -> stderr;
        };
    }

    String contentType() {
        return tty ? "application/vnd.docker.raw-stream" : "application/vnd.docker.multiplexed-stream";
    }
}
