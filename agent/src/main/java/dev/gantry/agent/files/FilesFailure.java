package dev.gantry.agent.files;

import dev.gantry.agent.api.AgentFailure;
import dev.gantry.agent.linux.ByteStrings;
import dev.gantry.agent.linux.ErrnoException;

/** Failures on a container's files, in dockerd's words: the call, the path in the container, and why. */
final class FilesFailure {
    private FilesFailure() {}

    /** @param call as Go names it; empty for the reason alone */
    static AgentFailure of(String call, String path, ErrnoException failure) {
        AgentFailure.Code code =
                switch (failure.errno()) {
                    case ErrnoException.ENOENT -> AgentFailure.Code.NOT_FOUND;
                    case ErrnoException.ENOSPC, ErrnoException.EDQUOT -> AgentFailure.Code.NO_SPACE;
                    default -> AgentFailure.Code.INTERNAL;
                };
        String where = call.isEmpty() ? "" : call + " " + ByteStrings.toText(path) + ": ";
        return new AgentFailure(code, where + failure.reason(), failure);
    }

    static AgentFailure refused(String message) {
        return new AgentFailure(AgentFailure.Code.INTERNAL, message);
    }

    /** As Go's {@code %q}, near enough for a message. */
    static String quoted(String path) {
        return "\"" + ByteStrings.toText(path).replace("\\", "\\\\").replace("\"", "\\\"") + "\"";
    }
}
