package dev.gantry.engine.container;

import com.fasterxml.jackson.annotation.JsonFormat;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.util.List;

/** Body of {@code POST /containers/{id}/exec}. */
@JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
@JsonFormat(with = JsonFormat.Feature.ACCEPT_CASE_INSENSITIVE_PROPERTIES)
public record ExecConfig(
        String user,
        boolean privileged,
        boolean tty,
        List<Integer> consoleSize,
        boolean attachStdin,
        boolean attachStderr,
        boolean attachStdout,
        String detachKeys,
        List<String> env,
        String workingDir,
        @JsonFormat(with = JsonFormat.Feature.ACCEPT_SINGLE_VALUE_AS_ARRAY) List<String> cmd) {

    public ExecConfig {
        user = user == null ? "" : user;
        detachKeys = detachKeys == null ? "" : detachKeys;
        env = env == null ? List.of() : env;
        workingDir = workingDir == null ? "" : workingDir;
        cmd = cmd == null ? List.of() : cmd;
    }

    /** Body of {@code POST /exec/{id}/start}. */
    @JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
    @JsonFormat(with = JsonFormat.Feature.ACCEPT_CASE_INSENSITIVE_PROPERTIES)
    public record Start(boolean detach, boolean tty, List<Integer> consoleSize) {}
}
