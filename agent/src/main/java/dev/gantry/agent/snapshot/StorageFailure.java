package dev.gantry.agent.snapshot;

import dev.gantry.agent.api.AgentFailure;
import dev.gantry.agent.linux.ErrnoException;
import java.io.IOException;
import java.nio.file.FileSystemException;

/** How failures of files are told to the services. */
public final class StorageFailure {
    private StorageFailure() {}

    /** The failure for the wire; {@code doing} is what was being done, for its message. */
    public static AgentFailure of(String doing, IOException failure) {
        AgentFailure.Code code = isFull(failure) ? AgentFailure.Code.NO_SPACE : AgentFailure.Code.INTERNAL;
        return new AgentFailure(code, doing + ": " + failure.getMessage(), failure);
    }

    private static boolean isFull(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof ErrnoException e
                    && (e.errno() == ErrnoException.ENOSPC || e.errno() == ErrnoException.EDQUOT)) {
                return true;
            }
            if (cause instanceof FileSystemException e
                    && e.getReason() != null
                    && (e.getReason().contains("No space left") || e.getReason().contains("quota exceeded"))) {
                return true;
            }
        }
        return false;
    }
}
