package dev.gantry.bench;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Times ours and a real dockerd in turns and prints medians and ratios.
 *
 * <pre>
 * --ours SOCKET      unix socket of the Gantry endpoint
 * --pids P,Q,...     our processes, for the memory figure
 * --only WORD        only the cases whose name contains the word
 * --warm-up COUNT    runs and execs of each side before the cases for processes in use, 250 when not given
 * --out FILE         also write the table as Markdown
 * </pre>
 */
public final class Bench {
    private static final PrintStream OUT = System.out;
    private static final String WARM_UPS = "250";

    private Bench() {}

    /** Runs all cases; the exit status is 0 also when a ratio is bad: it measures, it does not judge. */
    public static void main(String[] arguments) throws Exception {
        Map<String, String> options = options(arguments);
        Path directory = Files.createTempDirectory("gantry-bench");
        Endpoint ours = new Endpoint(
                "gantry",
                Path.of(options.getOrDefault("--ours", "/run/gantry/docker.sock")),
                Arrays.stream(options.getOrDefault("--pids", "").split(","))
                        .filter(pid -> !pid.isBlank())
                        .map(Path::of)
                        .toList());
        try (RealDockerd dockerd = RealDockerd.start(directory.resolve("dockerd"));
                Registry registry = Registry.start(Files.createDirectories(directory.resolve("registry")))) {
            Endpoint theirs = dockerd.endpoint();
            Images images = new Images(directory);
            String pullReference = registry.reference("large:latest");
            Cases cases = new Cases(images.busybox(), images.large(), directory, pullReference);
            cases.prepare(ours);
            cases.prepare(theirs);
            theirs.docker("tag", Images.LARGE, pullReference);
            theirs.docker("push", "-q", pullReference);
            theirs.docker("rmi", pullReference);
            try {
                String only = options.getOrDefault("--only", "");
                List<Row> rows = new ArrayList<>(run(cases.fresh(), ours, theirs, only));
                int warmUps = Integer.parseInt(options.getOrDefault("--warm-up", WARM_UPS));
                OUT.printf("warming up, %d times%n", warmUps);
                for (int round = 0; round < warmUps; round++) {
                    cases.warmUp(ours);
                    cases.warmUp(theirs);
                }
                rows.addAll(run(cases.warm(), ours, theirs, only));
                String table = table(rows);
                OUT.println(table);
                if (options.containsKey("--out")) {
                    Files.writeString(Path.of(options.get("--out")), document(table, warmUps, theirs));
                }
            } finally {
                cases.cleanUp(ours);
                cases.cleanUp(theirs);
            }
        } finally {
            delete(directory);
        }
    }

    private record Row(String name, String unit, double ours, double theirs) {
        double ratio() {
            return ours / theirs;
        }
    }

    private static List<Row> run(List<Case> cases, Endpoint ours, Endpoint theirs, String only) throws Exception {
        List<Row> rows = new ArrayList<>();
        for (Case one : cases) {
            if (!one.name().contains(only)) {
                continue;
            }
            OUT.printf("%-30s", one.name());
            Samples own = new Samples();
            Samples other = new Samples();
            for (int round = 0; round < one.rounds(); round++) {
                own.add(one.work().measure(ours));
                other.add(one.work().measure(theirs));
            }
            Row row = new Row(one.name(), one.unit(), own.median(), other.median());
            rows.add(row);
            OUT.printf(
                    Locale.ROOT, "%10.2f %10.2f %s  ratio %.2f%n", row.ours(), row.theirs(), row.unit(), row.ratio());
        }
        return rows;
    }

    private static String table(List<Row> rows) {
        StringBuilder table = new StringBuilder("| | Gantry | dockerd | unit | ratio |\n|---|---:|---:|---|---:|\n");
        for (Row row : rows) {
            table.append(String.format(
                    Locale.ROOT,
                    "| %s | %.2f | %.2f | %s | %.2f |%n",
                    row.name(),
                    row.ours(),
                    row.theirs(),
                    row.unit(),
                    row.ratio()));
        }
        return table.toString();
    }

    private static String document(String table, int warmUps, Endpoint theirs)
            throws IOException, InterruptedException {
        return """
                # Benchmark

                Medians, measured in turns on the same machine in one run of `./gantry bench`: smaller is better, a ratio below 1
                means that Gantry is faster. %d cores, Linux %s, dockerd %s.

                The first two rows are of processes that have just started. Before the others each side has done %d runs and
                execs that are not measured, as on a host that has been in use for some minutes.

                %s"""
                .formatted(
                        Runtime.getRuntime().availableProcessors(),
                        System.getProperty("os.version").replaceAll("[^0-9.].*", ""),
                        theirs.docker("version", "--format", "{{.Server.Version}}")
                                .replaceAll("[+].*", ""),
                        warmUps,
                        table);
    }

    private static Map<String, String> options(String[] arguments) {
        Map<String, String> options = new LinkedHashMap<>();
        List<String> known = List.of("--ours", "--pids", "--only", "--warm-up", "--out");
        for (int at = 0; at < arguments.length; at += 2) {
            if (!known.contains(arguments[at]) || at + 1 == arguments.length) {
                throw new IllegalArgumentException(
                        "usage: bench [--ours SOCKET] [--pids P,Q] [--only WORD] [--warm-up COUNT] [--out FILE]");
            }
            options.put(arguments[at], arguments[at + 1]);
        }
        return options;
    }

    private static void delete(Path directory) throws IOException {
        try (Stream<Path> all = Files.walk(directory)) {
            for (Path path : all.sorted(java.util.Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        }
    }
}
