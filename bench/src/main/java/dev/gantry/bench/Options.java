package dev.gantry.bench;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What the command line says.
 *
 * @param launcher {@code --launcher FILE}, the program {@code gantry}
 * @param properties {@code --config FILE}, the settings of the instance that runs
 * @param run {@code --run DIR}, its {@code gantry.run-dir}
 * @param dockerds {@code --dockerd FILE,...}, the programs to compare with
 * @param only {@code --only WORD}: cases whose name contains the word
 * @param warmUps {@code --warm-up COUNT}: runs and execs of each side before the cases for processes in use
 * @param calls {@code --calls COUNT} of each list, inspect and ping
 * @param containers {@code --containers COUNT} that run while memory is measured
 * @param out {@code --out FILE}: where the tables are written as Markdown; null for nowhere
 */
record Options(
        Path launcher,
        Path properties,
        Path run,
        List<Path> dockerds,
        String only,
        int warmUps,
        int calls,
        int containers,
        Path out) {

    private static final List<String> KNOWN = List.of(
            "--launcher", "--config", "--run", "--dockerd", "--only", "--warm-up", "--calls", "--containers", "--out");

    static Options parse(String... arguments) {
        Map<String, String> given = new HashMap<>();
        for (int at = 0; at < arguments.length; at += 2) {
            if (!KNOWN.contains(arguments[at]) || at + 1 == arguments.length) {
                throw new IllegalArgumentException("usage: bench [" + String.join(" X] [", KNOWN) + " X]");
            }
            given.put(arguments[at], arguments[at + 1]);
        }
        return new Options(
                Path.of(given.getOrDefault("--launcher", "./gantry")),
                Path.of(given.getOrDefault("--config", "/etc/gantry/gantry.properties")),
                Path.of(given.getOrDefault("--run", "/run/gantry")),
                Arrays.stream(given.getOrDefault("--dockerd", "/usr/sbin/dockerd")
                                .split(","))
                        .map(Path::of)
                        .toList(),
                given.getOrDefault("--only", ""),
                Integer.parseInt(given.getOrDefault("--warm-up", "250")),
                Integer.parseInt(given.getOrDefault("--calls", "2000")),
                Integer.parseInt(given.getOrDefault("--containers", "100")),
                given.containsKey("--out") ? Path.of(given.get("--out")) : null);
    }
}
