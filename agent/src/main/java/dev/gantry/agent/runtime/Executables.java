package dev.gantry.agent.runtime;

import dev.gantry.agent.api.AgentFailure;
import dev.gantry.agent.api.AgentFailure.Code;
import dev.gantry.agent.linux.Attributes;
import dev.gantry.agent.linux.ByteStrings;
import dev.gantry.agent.linux.ErrnoException;
import dev.gantry.agent.linux.Fd;
import dev.gantry.agent.linux.OpenFiles;
import dev.gantry.agent.linux.Stat;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Looks for a program in a running container before anything is started there, so that a missing one is told in Docker's
 * words before the client's connection is upgraded. What cannot be told from outside is left to the runtime.
 */
public final class Executables {
    private static final String BEFORE = "OCI runtime exec failed: exec failed: unable to start container process: ";

    private Executables() {}

    /**
     * @param rootfs as the container sees it
     * @throws AgentFailure what is missing, in Docker's words
     */
    public static void require(Path rootfs, List<String> env, String cwd, String program) {
        complaint(rootfs, env, cwd, program).ifPresent(complaint -> {
            throw complaint;
        });
    }

    /**
     * @param env what is asked for; null for nothing
     * @throws AgentFailure for a variable without a name, in Docker's words
     */
    public static void requireNames(List<String> env) {
        for (String variable : env == null ? List.<String>of() : env) {
            if (variable.startsWith("=")) {
                throw failure(
                        Code.COMMAND_NOT_EXECUTABLE, "environment variable name can't be empty: \"" + variable + "\"");
            }
        }
    }

    private static Optional<AgentFailure> complaint(Path rootfs, List<String> env, String cwd, String program) {
        if (!cwd.startsWith("/")) {
            return Optional.of(new AgentFailure(
                    Code.COMMAND_NOT_EXECUTABLE,
                    "OCI runtime exec failed: exec failed: Cwd must be an absolute path: unknown"));
        }
        try (Fd root = OpenFiles.open(ByteStrings.of(rootfs), OpenFiles.PATH | OpenFiles.DIRECTORY)) {
            Optional<String> noDirectory = WorkingDirectory.complaint(root, cwd);
            if (noDirectory.isPresent()) {
                return Optional.of(failure(
                        Code.COMMAND_NOT_EXECUTABLE,
                        "chdir to cwd (\"" + cwd + "\") set in config.json failed: " + noDirectory.get()));
            }
            if (program.contains("/")) {
                return ofPath(root, program.startsWith("/") ? program : cwd + "/" + program, program);
            }
            return ofName(root, searchPath(env), program);
        } catch (ErrnoException e) {
            return Optional.empty();
        }
    }

    private static Optional<AgentFailure> ofPath(Fd root, String path, String program) {
        return switch (find(root, path)) {
            case MISSING ->
                Optional.of(failure(
                        Code.COMMAND_NOT_FOUND,
                        "exec: \"" + program + "\": stat " + program + ": no such file or directory"));
            case NOT_DIRECTORY ->
                Optional.of(failure(
                        Code.COMMAND_NOT_EXECUTABLE,
                        "exec: \"" + program + "\": stat " + program + ": " + RuntimeErrors.NOT_DIRECTORY));
            case DENIED ->
                Optional.of(failure(Code.COMMAND_NOT_EXECUTABLE, "exec: \"" + program + "\": permission denied"));
            case USABLE, UNKNOWN -> Optional.empty();
        };
    }

    private static Optional<AgentFailure> ofName(Fd root, List<String> directories, String program) {
        for (String directory : program.isEmpty() ? List.<String>of() : directories) {
            Found found = find(root, directory + "/" + program);
            if (found == Found.USABLE || found == Found.UNKNOWN) {
                return Optional.empty();
            }
        }
        return Optional.of(
                failure(Code.COMMAND_NOT_FOUND, "exec: \"" + program + "\": executable file not found in $PATH"));
    }

    private enum Found {
        USABLE,
        DENIED,
        MISSING,
        NOT_DIRECTORY,
        UNKNOWN
    }

    private static Found find(Fd root, String path) {
        try (Fd file = OpenFiles.openInRoot(root, ByteStrings.of(path), OpenFiles.PATH)) {
            Stat stat = Attributes.stat(file);
            boolean usable = stat.type() == Stat.REGULAR && (stat.permissions() & 0111) != 0;
            return usable ? Found.USABLE : Found.DENIED;
        } catch (ErrnoException e) {
            return switch (e.errno()) {
                case ErrnoException.ENOENT -> Found.MISSING;
                case ErrnoException.ENOTDIR -> Found.NOT_DIRECTORY;
                default -> Found.UNKNOWN;
            };
        }
    }

    private static List<String> searchPath(List<String> env) {
        return env.stream()
                .filter(entry -> entry.startsWith("PATH="))
                .map(entry -> List.of(entry.substring(5).split(":", -1)))
                .findFirst()
                .orElse(List.of());
    }

    private static AgentFailure failure(Code code, String detail) {
        return new AgentFailure(code, RuntimeErrors.hinted(BEFORE + detail + ": unknown"));
    }
}
