package dev.gantry.bench;

import static dev.gantry.bench.Case.milliseconds;

import java.io.IOException;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** What is timed. */
final class Cases {
    private static final int MEBIBYTE = 1 << 20;
    private static final int OUTPUT_MEBIBYTES = 32;
    private static final String LABEL = "gantry-bench";
    private static final String SLEEPER = "gantry-bench-sleeper";

    /** Bytes of the file that {@code docker cp} copies. */
    private static final long COPIED = 100_000_000;

    private final Path busyboxArchive;
    private final Path largeArchive;
    private final Path input;
    private final Path copied;
    private final String pullReference;
    private final int calls;
    private final Map<String, String> running = new HashMap<>();
    private final NetworkCases networks = new NetworkCases(LABEL);

    Cases(Path busyboxArchive, Path largeArchive, Path directory, String pullReference, int calls) throws IOException {
        this.busyboxArchive = busyboxArchive;
        this.largeArchive = largeArchive;
        this.pullReference = pullReference;
        this.calls = calls;
        this.copied = directory.resolve("copied");
        try (RandomAccessFile large = new RandomAccessFile(copied.toFile(), "rw")) {
            large.setLength(COPIED);
        }
        this.input = Files.write(directory.resolve("input"), Images.lines(OUTPUT_MEBIBYTES * MEBIBYTE));
    }

    /** Loads what the cases need. */
    void prepare(Endpoint endpoint) throws IOException, InterruptedException {
        endpoint.docker("load", "-i", busyboxArchive.toString());
        endpoint.docker("load", "-i", largeArchive.toString());
        running.put(endpoint.name(), container(endpoint, Images.BUSYBOX, "sleep", "86400"));
        networks.prepare(endpoint);
    }

    /**
     * What both are asked to do, unmeasured, before most cases: what a host that has been in use for some minutes has
     * done. A JVM compiles what it runs often.
     */
    void warmUp(Endpoint endpoint) throws IOException, InterruptedException {
        run(endpoint);
        exec(endpoint);
    }

    private double stats(Endpoint endpoint) throws Exception {
        return milliseconds(() -> endpoint.docker("stats", "--no-stream", running.get(endpoint.name())));
    }

    /** Starts what a start of the engine anew has ended. */
    void resume(Endpoint endpoint) throws IOException, InterruptedException {
        endpoint.docker("start", running.get(endpoint.name()));
        networks.resume(endpoint);
    }

    /** Removes what the cases left. */
    void cleanUp(Endpoint endpoint) throws IOException, InterruptedException {
        remove(endpoint, LABEL);
        networks.cleanUp(endpoint);
        endpoint.docker("rmi", "-f", Images.BUSYBOX, Images.LARGE);
    }

    /** Of processes that have just started. */
    List<Case> fresh() {
        return List.of(
                new Case("run, the first 20", "ms", 20, e -> milliseconds(() -> run(e))),
                new Case("exec, the first 20", "ms", 20, e -> milliseconds(() -> exec(e))),
                new Case("inspect, the first 100", "ms", 1, e -> inspect(e, Math.min(calls, 100))),
                new Case("list 10, the first 100", "ms", 1, e -> list(e, 10, Math.min(calls, 100))));
    }

    /** Of processes that have just started, on a machine that has much to do. */
    List<Case> busy() {
        return List.of(new Case("run, the first 10, all cores busy", "ms", 10, e -> milliseconds(() -> run(e))));
    }

    /** Of processes that have been in use. */
    List<Case> warm() {
        List<Case> cases = new ArrayList<>();
        cases.add(new Case("run", "ms", 25, e -> milliseconds(() -> run(e))));
        cases.add(new Case(
                "run without network",
                "ms",
                15,
                e -> milliseconds(() -> e.docker("run", "--rm", "--network", "none", Images.BUSYBOX, "true"))));
        cases.add(new Case(
                "run with a port",
                "ms",
                9,
                e -> milliseconds(() -> e.docker("run", "--rm", "-p", "127.0.0.1::80", Images.BUSYBOX, "true"))));
        cases.add(new Case("exec", "ms", 25, e -> milliseconds(() -> exec(e))));
        cases.add(new Case("stats --no-stream", "ms", 9, this::stats));
        cases.add(new Case("rm -f", "ms", 9, Cases::removeForced));
        cases.add(new Case("create", "ms", 20, Cases::create));
        cases.add(new Case("start, each of 40, 8 at once", "ms", 3, Cases::startMany));
        cases.add(new Case("logs", "ms per MB", 5, this::logs));
        cases.add(new Case("attached output", "ms per MB", 5, Cases::attachedOutput));
        cases.add(new Case("stdin", "ms per MB", 5, this::stdin));
        cases.add(new Case("pull 64 MB", "ms", 5, this::pull));
        cases.add(new Case("load 64 MB", "ms", 5, this::load));
        cases.add(new Case("save 64 MB", "ms", 5, Cases::save));
        cases.add(new Case("cp 100 MB into a container", "ms", 5, this::copyIn));
        cases.add(new Case("cp 100 MB out of a container", "ms", 5, this::copyOut));
        cases.add(new Case("export with 100 MB", "ms", 5, this::export));
        cases.add(new Case("commit of 100 MB", "ms", 5, this::commit));
        cases.add(new Case("rename to event", "ms", 30, Cases::eventLatency));
        cases.add(new Case("ping", "ms", 1, e -> perCall(e, "/_ping", calls)));
        cases.add(new Case("inspect", "ms", 1, e -> inspect(e, calls)));
        cases.add(new Case("list 10", "ms", 1, e -> list(e, 10, calls)));
        cases.add(new Case("list 500", "ms", 1, e -> list(e, 500, calls)));
        cases.addAll(networks.all());
        return cases;
    }

    private static void run(Endpoint endpoint) throws IOException, InterruptedException {
        endpoint.docker("run", "--rm", Images.BUSYBOX, "true");
    }

    private void exec(Endpoint endpoint) throws IOException, InterruptedException {
        endpoint.docker("exec", running.get(endpoint.name()), "true");
    }

    void startSleepers(Endpoint endpoint, int count) throws IOException, InterruptedException {
        for (int at = 0; at < count; at++) {
            container(endpoint, "--label", SLEEPER, Images.BUSYBOX, "sleep", "86400");
        }
    }

    /** As {@link #startSleepers}, with a health check each. */
    void startChecked(Endpoint endpoint, int count) throws IOException, InterruptedException {
        for (int at = 0; at < count; at++) {
            container(
                    endpoint,
                    "--label",
                    SLEEPER,
                    "--health-cmd",
                    "true",
                    "--health-interval",
                    "30s",
                    Images.BUSYBOX,
                    "sleep",
                    "86400");
        }
    }

    void removeSleepers(Endpoint endpoint) throws IOException, InterruptedException {
        remove(endpoint, SLEEPER);
    }

    private static void remove(Endpoint endpoint, String label) throws IOException, InterruptedException {
        String left = endpoint.docker("ps", "-aq", "--filter", "label=" + label);
        for (String id : left.lines().toList()) {
            endpoint.docker("rm", "-f", id);
        }
    }

    private static String container(Endpoint endpoint, String... more) throws IOException, InterruptedException {
        List<String> arguments = new ArrayList<>(List.of("run", "-d", "--label", LABEL));
        arguments.addAll(List.of(more));
        return endpoint.docker(arguments.toArray(String[]::new));
    }

    private static double removeForced(Endpoint endpoint) throws Exception {
        String id = container(endpoint, Images.BUSYBOX, "sleep", "600");
        return milliseconds(() -> endpoint.docker("rm", "-f", id));
    }

    private static String createBody() {
        return "{\"Image\":\"" + Images.BUSYBOX + "\",\"Cmd\":[\"true\"],\"Labels\":{\"" + LABEL + "\":\"\"}}";
    }

    private static String idIn(String created) {
        return created.replaceAll("(?s).*\"Id\"\\s*:\\s*\"([0-9a-f]{64})\".*", "$1");
    }

    private static double create(Endpoint endpoint) throws Exception {
        try (EngineConnection connection = endpoint.connect()) {
            String[] id = new String[1];
            double time = milliseconds(() -> id[0] = idIn(connection.call("POST", "/containers/create", createBody())));
            connection.call("DELETE", "/containers/" + id[0], null);
            return time;
        }
    }

    private static double startMany(Endpoint endpoint) throws Exception {
        int count = 40;
        List<String> ids = new ArrayList<>();
        try (EngineConnection connection = endpoint.connect()) {
            for (int at = 0; at < count; at++) {
                ids.add(idIn(connection.call("POST", "/containers/create", createBody())));
            }
            try (ExecutorService eight = Executors.newFixedThreadPool(8)) {
                double time = milliseconds(() -> {
                    List<Future<?>> started = new ArrayList<>();
                    for (String id : ids) {
                        started.add(eight.submit(() -> {
                            try (EngineConnection own = endpoint.connect()) {
                                return own.call("POST", "/containers/" + id + "/start", null);
                            }
                        }));
                    }
                    for (Future<?> one : started) {
                        one.get();
                    }
                });
                return time / count;
            }
        } finally {
            for (String id : ids) {
                endpoint.docker("rm", "-f", id);
            }
        }
    }

    private double logs(Endpoint endpoint) throws Exception {
        String id = endpoint.docker(
                ProcessBuilder.Redirect.from(input.toFile()), "create", "-i", "--label", LABEL, Images.BUSYBOX, "cat");
        try {
            discardOutput(endpoint.start("start", "-ai", id), ProcessBuilder.Redirect.from(input.toFile()));
            return milliseconds(() -> discardOutput(endpoint.start("logs", id), ProcessBuilder.Redirect.PIPE))
                    / OUTPUT_MEBIBYTES;
        } finally {
            endpoint.docker("rm", "-f", id);
        }
    }

    private static double attachedOutput(Endpoint endpoint) throws Exception {
        String command = "dd if=/dev/zero bs=65536 count=" + OUTPUT_MEBIBYTES * 16 + " 2>/dev/null";
        ProcessBuilder run = endpoint.start("run", "--rm", "--log-driver", "none", Images.BUSYBOX, "sh", "-c", command);
        return milliseconds(() -> discardOutput(run, ProcessBuilder.Redirect.PIPE)) / OUTPUT_MEBIBYTES;
    }

    private double stdin(Endpoint endpoint) throws Exception {
        ProcessBuilder run = endpoint.start(
                "run", "--rm", "-i", "--log-driver", "none", Images.BUSYBOX, "sh", "-c", "cat >/dev/null");
        return milliseconds(() -> discardOutput(run, ProcessBuilder.Redirect.from(input.toFile()))) / OUTPUT_MEBIBYTES;
    }

    private static void discardOutput(ProcessBuilder builder, ProcessBuilder.Redirect stdin)
            throws IOException, InterruptedException {
        Process process = builder.redirectInput(stdin)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (OutputStream none = process.getOutputStream()) {
            none.flush();
        }
        int status = process.waitFor();
        if (status != 0) {
            throw new IOException(String.join(" ", builder.command()) + " exited " + status);
        }
    }

    private double pull(Endpoint endpoint) throws Exception {
        try {
            return milliseconds(() -> endpoint.docker("pull", "-q", pullReference));
        } finally {
            endpoint.docker("rmi", pullReference);
        }
    }

    private double load(Endpoint endpoint) throws Exception {
        endpoint.docker("rmi", Images.LARGE);
        return milliseconds(() -> endpoint.docker("load", "-q", "-i", largeArchive.toString()));
    }

    private static double save(Endpoint endpoint) throws Exception {
        return milliseconds(() -> discardOutput(endpoint.start("save", Images.LARGE), ProcessBuilder.Redirect.PIPE));
    }

    /** Leaves it there for {@link #copyOut}, where it replaces that of the time before. */
    private double copyIn(Endpoint endpoint) throws Exception {
        String target = running.get(endpoint.name()) + ":/tmp/copied";
        return milliseconds(() -> endpoint.docker("cp", copied.toString(), target));
    }

    private double copyOut(Endpoint endpoint) throws Exception {
        String source = running.get(endpoint.name()) + ":/tmp/copied";
        return milliseconds(() -> discardOutput(endpoint.start("cp", source, "-"), ProcessBuilder.Redirect.PIPE));
    }

    private double export(Endpoint endpoint) throws Exception {
        String id = running.get(endpoint.name());
        return milliseconds(() -> discardOutput(endpoint.start("export", id), ProcessBuilder.Redirect.PIPE));
    }

    private double commit(Endpoint endpoint) throws Exception {
        String id = running.get(endpoint.name());
        try {
            return milliseconds(() -> endpoint.docker("commit", id, "bench-committed"));
        } finally {
            endpoint.docker("rmi", "bench-committed");
        }
    }

    private static double eventLatency(Endpoint endpoint) throws Exception {
        try (EngineConnection commands = endpoint.connect();
                EngineConnection events = endpoint.connect()) {
            String id = idIn(commands.call("POST", "/containers/create", createBody()));
            try {
                events.stream("/events?filters="
                        + java.net.URLEncoder.encode(
                                "{\"event\":[\"rename\"],\"container\":[\"" + id + "\"]}",
                                java.nio.charset.StandardCharsets.UTF_8));
                String name = "bench-" + UUID.randomUUID();
                return milliseconds(() -> {
                    commands.call("POST", "/containers/" + id + "/rename?name=" + name, null);
                    events.readChunk();
                });
            } finally {
                commands.call("DELETE", "/containers/" + id, null);
            }
        }
    }

    /** The median of so many calls on one connection. */
    private static double perCall(Endpoint endpoint, String path, int calls) throws Exception {
        Samples each = new Samples();
        try (EngineConnection connection = endpoint.connect()) {
            for (int call = 0; call < calls; call++) {
                each.add(milliseconds(() -> connection.call("GET", path, null)));
            }
        }
        return each.median();
    }

    private static double inspect(Endpoint endpoint, int calls) throws Exception {
        String id = container(endpoint, Images.BUSYBOX, "sleep", "600");
        try {
            return perCall(endpoint, "/containers/" + id + "/json", calls);
        } finally {
            endpoint.docker("rm", "-f", id);
        }
    }

    private static double list(Endpoint endpoint, int count, int calls) throws Exception {
        List<String> ids = new ArrayList<>();
        try (EngineConnection connection = endpoint.connect()) {
            for (int at = 0; at < count; at++) {
                ids.add(idIn(connection.call("POST", "/containers/create", createBody())));
            }
            try {
                return perCall(endpoint, "/containers/json?all=1", calls);
            } finally {
                for (String id : ids) {
                    connection.call("DELETE", "/containers/" + id, null);
                }
            }
        }
    }
}
