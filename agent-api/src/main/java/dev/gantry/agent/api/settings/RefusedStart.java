package dev.gantry.agent.api.settings;

/**
 * A process does not start with these settings. It has no stack trace: the message, which names the setting, is the last
 * thing that the process prints.
 */
public final class RefusedStart extends IllegalStateException {
    public RefusedStart(String message) {
        super(message);
    }

    @Override
    public synchronized Throwable fillInStackTrace() {
        return this;
    }
}
