package dev.gantry.bench;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Times ours and real dockerds in turns and prints medians and ratios; {@link Options} tells what can be said. It
 * measures and does not judge: the exit status is 0 also when a ratio is bad.
 */
public final class Bench {
    private static final PrintStream OUT = System.out;
    private static final Duration REST = Duration.ofSeconds(30);
    private static final Duration CHECKED = Duration.ofMinutes(1);
    private static final Duration AFTERWARDS = Duration.ofMinutes(1);

    private final Options options;
    private final List<Engine> engines;
    private final Cases cases;
    private final Report report;

    private Bench(Options options, List<Engine> engines, Cases cases) {
        this.options = options;
        this.engines = engines;
        this.cases = cases;
        this.report = new Report(
                engines.stream().map(engine -> engine.endpoint().name()).toList());
    }

    public static void main(String[] arguments) throws Exception {
        Options options = Options.parse(arguments);
        Path directory = Files.createTempDirectory("gantry-bench");
        List<Engine> engines = new ArrayList<>();
        try (Registry registry = Registry.start(Files.createDirectories(directory.resolve("registry")))) {
            engines.add(new Gantry(options.launcher(), options.properties(), options.run()));
            for (Path program : options.dockerds()) {
                int number = engines.size() - 1;
                engines.add(RealDockerd.start(program, directory.resolve("dockerd" + number), number));
            }
            Images images = new Images(directory);
            String pullReference = registry.reference("large:latest");
            Cases cases = new Cases(images.busybox(), images.large(), directory, pullReference, options.calls());
            new Bench(options, engines, cases).run(pullReference);
        } finally {
            for (Engine engine : engines) {
                engine.close();
            }
            delete(directory);
        }
    }

    private void run(String pullReference) throws Exception {
        try {
            for (Engine engine : engines) {
                cases.prepare(engine.endpoint());
            }
            Endpoint pushing = engines.getLast().endpoint();
            pushing.docker("tag", Images.LARGE, pullReference);
            pushing.docker("push", "-q", pullReference);
            pushing.docker("rmi", pullReference);
            measure();
            OUT.println(report.times());
            OUT.println(report.memory());
            if (options.out() != null) {
                Files.writeString(options.out(), document());
            }
        } finally {
            for (Engine engine : engines) {
                cases.cleanUp(engine.endpoint());
            }
        }
    }

    private void measure() throws Exception {
        memory("at rest", REST);
        time(cases.fresh());
        busy(cases.busy());
        warmUp();
        time(cases.warm());
        hundred();
        checked();
        memory("a minute after everything", AFTERWARDS);
    }

    /** A start of everything, and its first requests while all cores have something else to do. */
    private void busy(List<Case> some) throws Exception {
        if (some.stream().noneMatch(this::isWanted)) {
            return;
        }
        for (Engine engine : engines) {
            engine.restart();
        }
        try (BusyCores cores = new BusyCores()) {
            OUT.printf("%d loops keep the cores busy%n", cores.count());
            time(some);
        }
    }

    private void warmUp() throws IOException, InterruptedException {
        for (Engine engine : engines) {
            cases.resume(engine.endpoint());
        }
        OUT.printf("warming up, %d times%n", options.warmUps());
        for (int round = 0; round < options.warmUps(); round++) {
            for (Engine engine : engines) {
                cases.warmUp(engine.endpoint());
            }
        }
    }

    private boolean isWanted(Case one) {
        return one.name().contains(options.only());
    }

    private void time(List<Case> some) throws Exception {
        for (Case one : some) {
            if (isWanted(one)) {
                List<Samples> samples =
                        engines.stream().map(engine -> new Samples()).toList();
                for (int round = 0; round < one.rounds(); round++) {
                    for (int at = 0; at < engines.size(); at++) {
                        samples.get(at).add(one.work().measure(engines.get(at).endpoint()));
                    }
                }
                OUT.println(
                        report.add(one, samples.stream().map(Samples::median).toList()));
            }
        }
    }

    private void hundred() throws Exception {
        if ("memory".contains(options.only())) {
            for (Engine engine : engines) {
                cases.startSleepers(engine.endpoint(), options.containers());
            }
            memory("while " + options.containers() + " containers run", Duration.ZERO);
            for (Engine engine : engines) {
                cases.removeSleepers(engine.endpoint());
            }
        }
    }

    /** Processor time while containers run whose health is checked, as often as by default. */
    private void checked() throws Exception {
        Case one = new Case(options.containers() + " with health checks, CPU", "ms per s", 1, null);
        if (!isWanted(one)) {
            return;
        }
        List<Double> figures = new ArrayList<>();
        for (Engine engine : engines) {
            cases.startChecked(engine.endpoint(), options.containers());
            Thread.sleep(REST);
            long start = System.nanoTime();
            double before = processorMillis(engine);
            Thread.sleep(CHECKED);
            figures.add((processorMillis(engine) - before) / ((System.nanoTime() - start) / 1e9));
            cases.removeSleepers(engine.endpoint());
        }
        OUT.println(report.add(one, figures));
    }

    private static double processorMillis(Engine engine) throws IOException {
        return engine.processes(Processes::processorMillis).values().stream()
                .mapToDouble(Double::doubleValue)
                .sum();
    }

    private void memory(String moment, Duration quiet) throws IOException, InterruptedException {
        if ("memory".contains(options.only())) {
            Thread.sleep(quiet);
            Map<String, Map<String, Double>> all = new LinkedHashMap<>();
            for (Engine engine : engines) {
                all.put(engine.endpoint().name(), engine.processes(Processes::mebibytes));
            }
            report.addMemory(moment, all);
            OUT.println("memory " + moment + ": " + all);
        }
    }

    private String document() {
        return """
                # Benchmark

                Medians, measured in turns on the same machine in one run of `./gantry bench`: smaller is better, a ratio below 1
                means that Gantry is faster than the dockerd before it. %d cores, Linux %s, beside %s.

                Rows that say "first" are of processes that have just started, the others of processes in use: each side has
                then done %d runs and execs that are not measured. Cores are made busy by a loop on each, right after
                everything was started. With health checks, a check each half minute is asked for; the processor time is that of all
                processes of a side, and of checks, in a minute. List, inspect and ping are %d calls on one kept-alive connection.

                %s
                Resident memory in MiB. At rest is half a minute after the last request; "conmon" and "containerd-shim" are the
                supervisors of containers.

                %s"""
                .formatted(
                        Runtime.getRuntime().availableProcessors(),
                        System.getProperty("os.version").replaceAll("[^0-9.].*", ""),
                        engines.stream()
                                .skip(1)
                                .map(engine -> engine.endpoint().name())
                                .collect(Collectors.joining(" and ")),
                        options.warmUps(),
                        options.calls(),
                        report.times(),
                        report.memory());
    }

    private static void delete(Path directory) throws IOException {
        try (Stream<Path> all = Files.walk(directory)) {
            for (Path path : all.sorted(java.util.Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        }
    }
}
