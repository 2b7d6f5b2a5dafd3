package dev.gantry.agent.runtime;

import dev.gantry.agent.api.AgentFailure;
import dev.gantry.agent.api.AgentFailure.Code;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a runtime said, in Docker's words: clients tell by them whether a command was missing (exit code 127) or could
 * not be executed (126).
 */
public final class RuntimeErrors {
    private static final Pattern CRUN_NOT_FOUND = Pattern.compile("executable file `(.*)` not found in \\$PATH");

    /** runc prints logrus lines: {@code time="..." level=error msg="..."}. */
    private static final Pattern RUNC_LINE = Pattern.compile("level=error msg=\"((?:[^\"\\\\]|\\\\.)*)\"");

    static final String NOT_DIRECTORY = "not a directory";

    /** Its own state of a container that has ended meanwhile. */
    private static final Pattern CRUN_GONE = Pattern.compile("error opening file `[^`]*/status`: No such file");

    private static final Pattern CRUN_CHDIR = Pattern.compile("chdir (?:to )?`(.*)`: (.*)");

    private static final String EXEC_FAILED = "OCI runtime exec failed: ";

    private RuntimeErrors() {}

    /** @param command the program that was to run, for runtimes that do not repeat it */
    static AgentFailure ofCreate(String runtime, String output, String command) {
        String before = "failed to create task for container: failed to create shim task: OCI runtime create failed: ";
        return of(before, runtime + " create failed: ", output, command);
    }

    public static AgentFailure ofExec(String output, String command) {
        return of(EXEC_FAILED, "exec failed: ", output, command);
    }

    /** What kept an exec from being started, as its client is told it: supervisors fail in words of their own. */
    public static AgentFailure ofExec(Exception failure) {
        if (failure instanceof AgentFailure told) {
            return told.getMessage().startsWith(EXEC_FAILED) || told.code() != Code.INTERNAL
                    ? told
                    : new AgentFailure(Code.INTERNAL, EXEC_FAILED + told.getMessage() + ": unknown", told);
        }
        return new AgentFailure(Code.INTERNAL, EXEC_FAILED + "the container has gone: unknown", failure);
    }

    static AgentFailure ofStart(String runtime, String output) {
        return new AgentFailure(
                Code.INTERNAL, "OCI runtime start failed: " + runtime + " start failed: " + text(output) + ": unknown");
    }

    private static AgentFailure of(String before, String prefix, String output, String command) {
        String text = text(output);
        Code code = command.isEmpty() ? Code.COMMAND_NOT_FOUND : code(text);
        String detail = detail(text, command);
        boolean ofInit = detail.startsWith("exec: ") || detail.startsWith("chdir to cwd");
        String middle = ofInit ? prefix + "unable to start container process: " : prefix;
        String message =
                text.startsWith("runc create failed") || text.startsWith("exec failed") ? text : middle + detail;
        return new AgentFailure(code, hinted(before + message + ": unknown"));
    }

    /** dockerd's advice for ENOTDIR, which it takes for a mount's fault wherever it comes from. */
    static String hinted(String message) {
        return message.contains(NOT_DIRECTORY)
                ? message
                        + ": Are you trying to mount a directory onto a file (or vice-versa)? Check if the specified host"
                        + " path exists and is the expected type"
                : message;
    }

    /** The runtime's last complaint, without its own decoration. */
    static String text(String output) {
        Matcher line = RUNC_LINE.matcher(output);
        String text = output.strip();
        while (line.find()) {
            text = line.group(1).replace("\\\"", "\"").replace("\\\\", "\\");
        }
        return text;
    }

    private static Code code(String text) {
        if (CRUN_NOT_FOUND.matcher(text).find()
                || text.contains("executable file not found")
                || text.contains("exec: ") && text.contains("no such file or directory")) {
            return Code.COMMAND_NOT_FOUND;
        }
        if (text.startsWith("open executable:")
                || text.contains("exec: ") && (text.contains("permission denied") || text.contains("is a directory"))) {
            return Code.COMMAND_NOT_EXECUTABLE;
        }
        if (text.contains("No space left on device") || text.contains("no space left on device")) {
            return Code.NO_SPACE;
        }
        return Code.INTERNAL;
    }

    private static String detail(String text, String command) {
        Matcher missing = CRUN_NOT_FOUND.matcher(text);
        if (missing.find()) {
            String name = missing.group(1);
            return name.contains("/")
                    ? "exec: \"" + name + "\": stat " + name + ": no such file or directory"
                    : "exec: \"" + name + "\": executable file not found in $PATH";
        }
        Matcher directory = CRUN_CHDIR.matcher(text);
        if (directory.find()) {
            return "chdir to cwd (\"" + directory.group(1) + "\") set in config.json failed: "
                    + directory.group(2).toLowerCase(Locale.ROOT);
        }
        if (text.endsWith("is not running") || CRUN_GONE.matcher(text).find()) {
            return "cannot exec in a stopped container";
        }
        if (command.isEmpty()) {
            return "exec: \"\": executable file not found in $PATH";
        }
        if (text.startsWith("open executable:")) {
            return "exec: \"" + command + "\": permission denied";
        }
        // crun tells of one failure in several lines, and messages are one.
        return text.replace("\n", ": ");
    }
}
