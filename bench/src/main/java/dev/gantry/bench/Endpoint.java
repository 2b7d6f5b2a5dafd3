package dev.gantry.bench;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A Docker endpoint on a unix socket, reached by the {@code docker} program or by plain HTTP. */
record Endpoint(String name, Path socket) {

    /** What a program printed on stdout; stderr goes into the message of a failure. */
    String docker(String... arguments) throws IOException, InterruptedException {
        return docker(ProcessBuilder.Redirect.PIPE, arguments);
    }

    /** Runs {@code docker} with stdin from a file, or none when {@code PIPE}. */
    String docker(ProcessBuilder.Redirect stdin, String... arguments) throws IOException, InterruptedException {
        Process process =
                start(arguments).redirectInput(stdin).redirectErrorStream(true).start();
        process.getOutputStream().close();
        String output;
        try (InputStream stream = process.getInputStream()) {
            output = new String(stream.readAllBytes());
        }
        int status = process.waitFor();
        if (status != 0) {
            throw new IOException(
                    name + ": docker " + String.join(" ", arguments) + " exited " + status + ": " + output);
        }
        return output.strip();
    }

    ProcessBuilder start(String... arguments) {
        List<String> command = new ArrayList<>(List.of("docker"));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().put("DOCKER_HOST", "unix://" + socket);
        builder.environment().remove("DOCKER_CONTEXT");
        return builder;
    }

    EngineConnection connect() throws IOException {
        return EngineConnection.open(socket);
    }
}
