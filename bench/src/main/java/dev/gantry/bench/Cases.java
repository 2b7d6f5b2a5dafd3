package dev.gantry.bench;

import static dev.gantry.bench.Case.milliseconds;

import java.io.IOException;
import java.io.OutputStream;
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

    private final Path busyboxArchive;
    private final Path largeArchive;
    private final Path input;
    private final String pullReference;
    private final Map<String, String> running = new HashMap<>();

    Cases(Path busyboxArchive, Path largeArchive, Path directory, String pullReference) throws IOException {
        this.busyboxArchive = busyboxArchive;
        this.largeArchive = largeArchive;
        this.pullReference = pullReference;
        this.input = Files.write(directory.resolve("input"), Images.lines(OUTPUT_MEBIBYTES * MEBIBYTE));
    }

    /** Loads what the cases need. */
    void prepare(Endpoint endpoint) throws IOException, InterruptedException {
        endpoint.docker("load", "-i", busyboxArchive.toString());
        endpoint.docker("load", "-i", largeArchive.toString());
        running.put(endpoint.name(), container(endpoint, Images.BUSYBOX, "sleep", "86400"));
    }

    /**
     * What both are asked to do, unmeasured, before most cases: what a host that has been in use for some minutes has
     * done. A JVM compiles what it runs often.
     */
    void warmUp(Endpoint endpoint) throws IOException, InterruptedException {
        run(endpoint);
        exec(endpoint);
    }

    /** Removes what the cases left. */
    void cleanUp(Endpoint endpoint) throws IOException, InterruptedException {
        String left = endpoint.docker("ps", "-aq", "--filter", "label=" + LABEL);
        for (String id : left.lines().toList()) {
            endpoint.docker("rm", "-f", id);
        }
        endpoint.docker("rmi", "-f", Images.BUSYBOX, Images.LARGE);
    }

    /** Of processes that have just started. */
    List<Case> fresh() {
        return List.of(
                new Case("memory at rest", "MiB", 1, Cases::memoryAtRest),
                new Case("run, of the first 20", "ms", 20, e -> milliseconds(() -> run(e))));
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
        cases.add(new Case("rm -f", "ms", 9, Cases::removeForced));
        cases.add(new Case("create", "ms", 20, Cases::create));
        cases.add(new Case("start, each of 40, 8 at once", "ms", 3, Cases::startMany));
        cases.add(new Case("logs", "ms per MB", 5, this::logs));
        cases.add(new Case("attached output", "ms per MB", 5, Cases::attachedOutput));
        cases.add(new Case("stdin", "ms per MB", 5, this::stdin));
        cases.add(new Case("pull 64 MB", "ms", 5, this::pull));
        cases.add(new Case("load 64 MB", "ms", 5, this::load));
        cases.add(new Case("save 64 MB", "ms", 5, Cases::save));
        cases.add(new Case("rename to event", "ms", 30, Cases::eventLatency));
        cases.add(new Case("ping", "ms", 9, e -> perCall(e, "GET", "/_ping", 200)));
        cases.add(new Case("inspect", "ms", 9, Cases::inspect));
        cases.add(new Case("list 10", "ms", 5, e -> list(e, 10)));
        cases.add(new Case("list 500", "ms", 3, e -> list(e, 500)));
        cases.add(new Case("memory after all of it", "MiB", 1, Cases::memory));
        return cases;
    }

    private static void run(Endpoint endpoint) throws IOException, InterruptedException {
        endpoint.docker("run", "--rm", Images.BUSYBOX, "true");
    }

    private void exec(Endpoint endpoint) throws IOException, InterruptedException {
        endpoint.docker("exec", running.get(endpoint.name()), "true");
    }

    /** Half a minute after the last request. */
    private static double memoryAtRest(Endpoint endpoint) throws InterruptedException {
        Thread.sleep(30_000);
        return memory(endpoint);
    }

    private static double memory(Endpoint endpoint) {
        return Memory.residentMebibytes(endpoint.processRoots());
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

    private static double perCall(Endpoint endpoint, String method, String path, int calls) throws Exception {
        try (EngineConnection connection = endpoint.connect()) {
            connection.call(method, path, null);
            return milliseconds(() -> {
                        for (int call = 0; call < calls; call++) {
                            connection.call(method, path, null);
                        }
                    })
                    / calls;
        }
    }

    private static double inspect(Endpoint endpoint) throws Exception {
        String id = container(endpoint, Images.BUSYBOX, "sleep", "600");
        try {
            return perCall(endpoint, "GET", "/containers/" + id + "/json", 100);
        } finally {
            endpoint.docker("rm", "-f", id);
        }
    }

    private static double list(Endpoint endpoint, int count) throws Exception {
        List<String> ids = new ArrayList<>();
        try (EngineConnection connection = endpoint.connect()) {
            for (int at = 0; at < count; at++) {
                ids.add(idIn(connection.call("POST", "/containers/create", createBody())));
            }
            try {
                return perCall(endpoint, "GET", "/containers/json?all=1", 5);
            } finally {
                for (String id : ids) {
                    connection.call("DELETE", "/containers/" + id, null);
                }
            }
        }
    }
}
