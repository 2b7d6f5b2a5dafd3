package dev.gantry.agent.runtime;

import dev.gantry.agent.api.AgentFailure;
import dev.gantry.agent.linux.Attributes;
import dev.gantry.agent.linux.ByteStrings;
import dev.gantry.agent.linux.ErrnoException;
import dev.gantry.agent.linux.Fd;
import dev.gantry.agent.linux.OpenFiles;
import dev.gantry.agent.linux.Stat;
import java.nio.file.Path;
import java.util.Optional;

/** Where a process is to start. A runtime makes a container's when it is not there, but of no file. */
public final class WorkingDirectory {
    private static final String MISSING = "no such file or directory";

    private WorkingDirectory() {}

    /**
     * Of a container's first process, before anything is mounted over its own files.
     *
     * @throws AgentFailure in dockerd's words when it can be no directory
     */
    public static void requirePossible(Path rootfs, String cwd) {
        if (cwd == null || cwd.isEmpty()) {
            return;
        }
        try (Fd root = OpenFiles.open(ByteStrings.of(rootfs), OpenFiles.PATH | OpenFiles.DIRECTORY)) {
            Found found = find(root, cwd);
            if (found == Found.FILE) {
                throw refuse("Cannot mkdir: " + cwd + " is not a directory");
            }
            if (found == Found.BELOW_A_FILE) {
                throw refuse("lstat " + rootfs + cwd + ": " + RuntimeErrors.NOT_DIRECTORY);
            }
        } catch (ErrnoException e) {
            // Whatever it is, the runtime is the next to meet it.
        }
    }

    private static AgentFailure refuse(String message) {
        return new AgentFailure(AgentFailure.Code.INTERNAL, message);
    }

    /** What chdir(2) would say of it; empty when it would go there. */
    static Optional<String> complaint(Fd root, String cwd) {
        return switch (find(root, cwd)) {
            case MISSING -> Optional.of(MISSING);
            case FILE, BELOW_A_FILE -> Optional.of(RuntimeErrors.NOT_DIRECTORY);
            case DIRECTORY, UNKNOWN -> Optional.empty();
        };
    }

    private enum Found {
        DIRECTORY,
        FILE,
        BELOW_A_FILE,
        MISSING,
        UNKNOWN
    }

    private static Found find(Fd root, String cwd) {
        try (Fd file = OpenFiles.openInRoot(root, ByteStrings.of(cwd), OpenFiles.PATH)) {
            return Attributes.stat(file).type() == Stat.DIRECTORY ? Found.DIRECTORY : Found.FILE;
        } catch (ErrnoException e) {
            return switch (e.errno()) {
                case ErrnoException.ENOENT -> Found.MISSING;
                case ErrnoException.ENOTDIR -> Found.BELOW_A_FILE;
                default -> Found.UNKNOWN;
            };
        }
    }
}
