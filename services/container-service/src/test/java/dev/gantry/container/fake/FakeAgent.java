package dev.gantry.container.fake;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import dev.gantry.agent.api.AgentFailure;
import dev.gantry.agent.api.AgentProtocol;
import dev.gantry.agent.api.ContainerOperations;
import dev.gantry.agent.api.ContainerSpec;
import dev.gantry.agent.api.Holdings;
import dev.gantry.agent.api.HostDescription;
import dev.gantry.agent.api.NetworkPlan;
import dev.gantry.agent.api.Report;
import dev.gantry.agent.api.peer.PeerListener;
import dev.gantry.agent.api.stream.Hijack;
import dev.gantry.agent.api.stream.PeerTls;
import dev.gantry.agent.api.testing.Certificates;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.SocketAddress;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/**
 * An agent without a host: speaks the agent protocol on a unix socket and "runs" programs by their first argument.
 * {@code true} and {@code exit N} end at once, {@code sleep} runs until it is stopped, {@code hi} writes a line and
 * ends, {@code nosuch} is missing, {@code taken} meets a port in use. Reports are sent one after the other.
 */
public final class FakeAgent implements AutoCloseable {
    public static final String HOST = "host-1";
    private static final ObjectMapper JSON = JsonMapper.builder()
            .addModule(new JavaTimeModule())
            .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
            .build();

    private final Vertx vertx = Vertx.vertx(new io.vertx.core.VertxOptions().setPreferNativeTransport(true));
    private final ExecutorService pushing = Executors.newSingleThreadExecutor();
    private final HttpClient http;
    private final String id;
    private final String address;
    private final String control;
    private final String certificate;
    private final Map<String, ContainerSpec> containers = new ConcurrentHashMap<>();
    private final Map<String, NetworkPlan> plans = new ConcurrentHashMap<>();
    private final Map<String, ContainerOperations.Limits> limits = new ConcurrentHashMap<>();
    private final Set<String> running = ConcurrentHashMap.newKeySet();
    private final Set<String> volumes = ConcurrentHashMap.newKeySet();
    private final Map<String, Hijack> attached = new ConcurrentHashMap<>();
    private final Map<String, Runnable> late = new ConcurrentHashMap<>();
    private final Map<String, Buffer> input = new ConcurrentHashMap<>();
    private final List<String> calls = new CopyOnWriteArrayList<>();
    private final Set<String> broken = ConcurrentHashMap.newKeySet();
    private long sequence;
    private volatile boolean silent;
    private volatile boolean frozen;
    private final Queue<Runnable> held = new ConcurrentLinkedQueue<>();

    public FakeAgent(Path directory, String control) {
        String socket = directory.resolve("agent.sock").toString();
        this.id = HOST;
        this.address = "unix://" + socket;
        this.control = control;
        this.certificate = "";
        this.http = HttpClient.newHttpClient();
        await(vertx.createHttpServer().requestHandler(router()).listen(SocketAddress.domainSocketAddress(socket)));
    }

    /** On another machine: with TLS both ways, and bound to its certificate's subject. */
    public FakeAgent(String id, PeerTls tls, String subject, String control) throws Exception {
        this.id = id;
        this.control = control;
        this.certificate = subject;
        this.http = HttpClient.newBuilder()
                .sslContext(Certificates.context(tls))
                .version(HttpClient.Version.HTTP_1_1)
                .build();
        Router router = router();
        PeerListener listener =
                PeerListener.open(vertx, "test", "127.0.0.1:0", tls, (peer, request) -> router.handle(request));
        this.address = "https://localhost:" + listener.port();
    }

    private Router router() {
        Router router = Router.router(vertx);
        router.route().handler(context -> {
            if (frozen) {
                context.request().pause();
                Context own = Vertx.currentContext();
                held.add(() -> own.runOnContext(thawed -> {
                    if (!context.response().closed()) {
                        context.request().resume();
                        context.next();
                    }
                }));
            } else {
                context.next();
            }
        });
        router.put("/v1/containers/:id").handler(this::create);
        router.post("/v1/containers/:id/start").handler(this::start);
        router.post("/v1/containers/:id/stop").handler(this::stop);
        router.post("/v1/containers/:id/kill").handler(context -> none(context, "kill"));
        router.post("/v1/containers/:id/pause").handler(this::pause);
        router.post("/v1/containers/:id/unpause").handler(this::unpause);
        router.post("/v1/containers/:id/resize").handler(context -> none(context, "resize"));
        router.put("/v1/containers/:id/network").handler(this::changeNetwork);
        router.put("/v1/containers/:id/limits").handler(this::changeLimits);
        router.get("/v1/containers/:id/top").handler(this::top);
        router.get("/v1/containers/:id/logs")
                .handler(context -> context.response().end("logged\n"));
        router.get("/v1/containers/:id/path").handler(this::statPath);
        router.get("/v1/containers/:id/archive").handler(this::archive);
        router.put("/v1/containers/:id/archive").handler(this::unpack);
        router.get("/v1/containers/:id/changes")
                .handler(context -> context.response().end("null\n"));
        router.get("/v1/containers/:id/export")
                .handler(context -> context.response().end("exported"));
        router.get("/v1/containers/:id/size").handler(context -> json(context, new ContainerOperations.Size(10, 20)));
        router.post("/v1/containers/:id/attach").handler(this::attach);
        router.post("/v1/containers/:id/execs/:exec").handler(this::exec);
        router.get("/v1/containers/:id/execs/:exec/exit")
                .handler(context -> json(context, new ContainerOperations.ExecExit(3)));
        router.delete("/v1/containers/:id").handler(this::delete);
        router.put("/v1/volumes/:name").handler(this::createVolume);
        router.get("/v1/volume-plugins/drivers/:driver")
                .handler(context -> fail(
                        context,
                        AgentFailure.Code.NOT_FOUND,
                        "error looking up volume plugin " + context.pathParam("driver")));
        router.delete("/v1/volumes/:name").handler(this::deleteVolume);
        router.delete("/v1/snapshots/:chain").handler(context -> {
            if (!refused(context, "delete snapshot", context.pathParam("chain"))) {
                context.response().setStatusCode(204).end();
            }
        });
        return router;
    }

    /** Every call so far, as {@code verb id}. */
    public List<String> calls() {
        return calls;
    }

    public Map<String, ContainerSpec> containers() {
        return containers;
    }

    /** The last that a running container was taken to. */
    public Map<String, NetworkPlan> plans() {
        return plans;
    }

    public Set<String> running() {
        return running;
    }

    public Set<String> volumes() {
        return volumes;
    }

    /** Makes a verb ({@code create}, {@code start}, {@code delete}) fail until {@link #mend}. */
    public void breakVerb(String verb) {
        broken.add(verb);
    }

    public void mend() {
        broken.clear();
    }

    /** Keeps reports back, as when the control plane is away; false sends them again. */
    public void silent(boolean keep) {
        silent = keep;
    }

    /**
     * Takes connections and answers nothing, as a process that is stopped or a machine that lost its power; what still
     * waits for an answer when it goes on gets one.
     */
    public void freeze(boolean still) {
        frozen = still;
        while (!frozen && !held.isEmpty()) {
            held.remove().run();
        }
    }

    /** Becomes known to {@link FakeHosts} and compares what it holds. */
    public Holdings.Compared register() {
        FakeHosts.register(describe(), certificate);
        return compare();
    }

    public Holdings.Compared compare() {
        return compare(false);
    }

    public Holdings.Compared compare(boolean connecting) {
        Holdings held = new Holdings(List.copyOf(containers.keySet()), connecting);
        return send("PUT", "/containers", held, Holdings.Compared.class);
    }

    private HostDescription describe() {
        return new HostDescription(
                id,
                "box",
                address,
                1,
                1,
                "Linux",
                "12",
                "6.1",
                "x86_64",
                2,
                1L << 30,
                "cgroupfs",
                "2",
                true,
                false,
                Map.of("runc", new HostDescription.Runtime("/usr/bin/runc", "1")),
                "runc",
                "",
                "overlay",
                "extfs",
                "/state",
                List.of(),
                List.of(),
                List.of(),
                null,
                null);
    }

    /** An empty batch. */
    public void reportNothing() {
        send("POST", "/reports", new Report.Batch(id, 1, List.of()), Void.class);
    }

    public void end(String id, int exitCode, boolean restarting) {
        if (running.remove(id) || restarting) {
            Hijack client = attached.remove(id);
            if (client != null) {
                client.channel().writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
            }
            push(new Report.ContainerExited(next(), id, Instant.now(), exitCode, false, restarting, ""));
        }
    }

    /** A health check and its result, as is told of both. */
    public void check(String id, String exec, String status, long failingStreak, int exitCode, String output) {
        push(new Report.ProbeStarted(next(), id, exec, Instant.now(), List.of("sh", "-c", "look")));
        Report.Health health =
                new Report.Health(status, failingStreak, Instant.EPOCH, Instant.EPOCH.plusNanos(1), exitCode, output);
        push(new Report.ProbeEnded(next(), id, exec, Instant.now(), exitCode, health));
    }

    /** With a reason that no database stores. */
    public void endUnreadably(String id) {
        running.remove(id);
        push(new Report.ContainerExited(next(), id, Instant.now(), 3, false, false, "nul\0"));
    }

    private void create(RoutingContext context) {
        body(context, ContainerSpec.class, spec -> {
            containers.put(spec.id(), spec);
            Map<String, String> mountpoints = new ConcurrentHashMap<>();
            for (ContainerSpec.MountSpec mount : spec.mounts()) {
                if (mount.kind() == ContainerSpec.MountSpec.Kind.VOLUME) {
                    volumes.add(mount.source());
                    mountpoints.put(mount.source(), "/volumes/" + mount.source());
                }
            }
            json(context, new ContainerOperations.Created(mountpoints));
        });
    }

    private void start(RoutingContext context) {
        body(context, ContainerOperations.Start.class, start -> {
            String id = context.pathParam("id");
            List<String> args = containers.get(id).process().args();
            switch (args.getFirst()) {
                case "nosuch" ->
                    fail(
                            context,
                            AgentFailure.Code.COMMAND_NOT_FOUND,
                            "exec: \"nosuch\": executable file not found in $PATH: unknown");
                case "taken" -> fail(context, AgentFailure.Code.INTERNAL, "something is wrong");
                default -> {
                    running.add(id);
                    Report.ContainerStarted started =
                            new Report.ContainerStarted(next(), id, Instant.now(), 4711, 0, "/netns/x", asker(context));
                    ContainerOperations.Started answer = new ContainerOperations.Started(started, 1);
                    if (args.contains("overtaken")) {
                        push(started);
                        pushing.execute(() -> context.vertx().runOnContext(pushed -> json(context, answer)));
                    } else if (args.contains("outlived")) {
                        late.put(id, () -> context.vertx().runOnContext(asked -> json(context, answer)));
                        push(started);
                    } else {
                        json(context, answer);
                        push(started);
                    }
                    run(id, args);
                }
            }
        });
    }

    /** Answers starts of containers with the argument {@code outlived}. */
    public void answerLate() {
        late.values().forEach(Runnable::run);
        late.clear();
    }

    private static String asker(RoutingContext context) {
        return context.request().getHeader(AgentProtocol.ACTOR_HEADER);
    }

    private void run(String id, List<String> args) {
        switch (args.getFirst()) {
            case "true" -> end(id, 0, false);
            case "exit" -> end(id, Integer.parseInt(args.get(1)), false);
            case "hi" -> {
                Hijack client = attached.get(id);
                if (client != null) {
                    byte[] frame = {1, 0, 0, 0, 0, 0, 0, 3, 'h', 'i', '\n'};
                    client.channel().writeAndFlush(Unpooled.wrappedBuffer(frame));
                }
                end(id, 0, false);
            }
            default -> {}
        }
    }

    private void stop(RoutingContext context) {
        body(context, ContainerOperations.Stop.class, stop -> {
            end(context.pathParam("id"), stop.signal().equals("9") ? 137 : 143, false);
            context.response().setStatusCode(204).end();
        });
    }

    private void pause(RoutingContext context) {
        push(new Report.ContainerPaused(next(), context.pathParam("id"), Instant.now(), asker(context)));
        none(context, "pause");
    }

    private void unpause(RoutingContext context) {
        push(new Report.ContainerUnpaused(next(), context.pathParam("id"), Instant.now(), asker(context)));
        none(context, "unpause");
    }

    private void changeNetwork(RoutingContext context) {
        String id = context.pathParam("id");
        context.request().body().onSuccess(content -> {
            if (refused(context, "network")) {
                return;
            }
            if (!running.contains(id)) {
                fail(context, AgentFailure.Code.CONFLICT, "container " + id + " is not running");
                return;
            }
            plans.put(id, read(content, NetworkPlan.class));
            context.response().setStatusCode(204).end();
        });
    }

    private void changeLimits(RoutingContext context) {
        String id = context.pathParam("id");
        context.request().body().onSuccess(content -> {
            if (!refused(context, "limits")) {
                limits.put(id, read(content, ContainerOperations.Limits.class));
                context.response().setStatusCode(204).end();
            }
        });
    }

    /** What a container was given by its last update; null for none. */
    public ContainerOperations.Limits limits(String id) {
        return limits.get(id);
    }

    private boolean lacks(RoutingContext context) {
        boolean lacks = context.request().getParam("path").contains("nosuch");
        if (lacks) {
            fail(context, AgentFailure.Code.NOT_FOUND, "lstat: no such file or directory");
        }
        return lacks;
    }

    private void statPath(RoutingContext context) {
        if (!lacks(context)) {
            json(context, new ContainerOperations.PathStat("f", 3, 420, "2026-01-01T00:00:00Z", ""));
        }
    }

    private void archive(RoutingContext context) {
        if (!lacks(context)) {
            context.response()
                    .putHeader("Content-Type", "application/x-tar")
                    .putHeader(ContainerOperations.PathStat.HEADER, "c3RhdA==")
                    .end("archive of " + context.request().getParam("path"));
        }
    }

    /** A path with {@code full} in it is refused after the first bytes. */
    private void unpack(RoutingContext context) {
        if (lacks(context)) {
            return;
        }
        if (context.request().getParam("path").contains("full")) {
            context.request().handler(first -> {
                context.request().handler(null).pause();
                fail(context, AgentFailure.Code.NO_SPACE, "open /full/x: no space left on device");
            });
            return;
        }
        context.request().bodyHandler(body -> {
            calls.add("unpacked " + body.length() + " " + context.request().query());
            context.response().setStatusCode(204).end();
        });
    }

    private void top(RoutingContext context) {
        json(context, new ContainerOperations.Processes(List.of("PID"), List.of(List.of("4711"))));
    }

    private void attach(RoutingContext context) {
        Hijack client = Hijack.hold(context.request());
        // The connection changes hands behind the request's end, not within it.
        context.request()
                .end()
                .compose(ended -> client.accept("application/vnd.docker.raw-stream"))
                .onSuccess(accepted -> {
                    client.handTo(new Keep(context.pathParam("id")));
                    attached.put(context.pathParam("id"), client);
                });
    }

    /** What clients have written to a container so far. */
    public byte[] input(String container) {
        Buffer buffer = input.get(container);
        return buffer == null ? new byte[0] : buffer.getBytes();
    }

    private final class Keep extends ChannelInboundHandlerAdapter {
        private final String container;

        private Keep(String container) {
            this.container = container;
        }

        @Override
        public void handlerAdded(ChannelHandlerContext ctx) {
            ctx.channel().config().setAutoRead(true);
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            ByteBuf bytes = (ByteBuf) message;
            input.merge(container, Buffer.buffer(ByteBufUtil.getBytes(bytes)), (all, more) -> all.copy()
                    .appendBuffer(more));
            bytes.release();
        }
    }

    private void exec(RoutingContext context) {
        Hijack client = Hijack.hold(context.request());
        body(context, ContainerOperations.ExecSpec.class, spec -> {
            String id = context.pathParam("id");
            String exec = context.pathParam("exec");
            if (spec.args().getFirst().equals("nosuch")) {
                fail(
                        context,
                        AgentFailure.Code.COMMAND_NOT_FOUND,
                        "exec: \"nosuch\": executable file not found in $PATH");
                return;
            }
            push(new Report.ExecStarted(next(), id, exec, Instant.now(), 4712));
            if (spec.detach()) {
                context.response().setStatusCode(204).end();
                push(new Report.ExecExited(next(), id, exec, Instant.now(), 3));
                return;
            }
            client.accept("application/vnd.docker.raw-stream").onSuccess(accepted -> {
                client.handTo(new ChannelInboundHandlerAdapter());
                byte[] frame = {1, 0, 0, 0, 0, 0, 0, 4, 'e', 'x', 'e', 'c'};
                client.channel().writeAndFlush(Unpooled.wrappedBuffer(frame)).addListener(ChannelFutureListener.CLOSE);
                push(new Report.ExecExited(next(), id, exec, Instant.now(), 3));
            });
        });
    }

    private void delete(RoutingContext context) {
        String id = context.pathParam("id");
        if (refused(context, "delete")) {
            return;
        }
        end(id, 137, false);
        containers.remove(id);
        context.response().setStatusCode(204).end();
    }

    private void createVolume(RoutingContext context) {
        body(context, ContainerOperations.VolumeSpec.class, spec -> {
            volumes.add(spec.name());
            json(context, new ContainerOperations.Volume(spec.name(), "/volumes/" + spec.name(), Instant.now()));
        });
    }

    private void deleteVolume(RoutingContext context) {
        volumes.remove(context.pathParam("name"));
        none(context, "delete volume");
    }

    private synchronized long next() {
        return ++sequence;
    }

    private void push(Report report) {
        pushing.execute(() -> {
            while (silent) {
                sleep();
            }
            send("POST", "/reports", new Report.Batch(id, 1, new ArrayList<>(List.of(report))), Void.class);
        });
    }

    /** All that has happened so far is applied. */
    public void awaitReported() {
        CompletableFuture.runAsync(() -> {}, pushing).join();
    }

    private static void sleep() {
        try {
            TimeUnit.MILLISECONDS.sleep(20);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private <T> T send(String method, String path, Object body, Class<T> answer) {
        try {
            HttpRequest request = HttpRequest.newBuilder(
                            URI.create(control + "/internal/container-service/hosts/" + id + path))
                    .header("Content-Type", "application/json")
                    .method(method, HttpRequest.BodyPublishers.ofByteArray(JSON.writeValueAsBytes(body)))
                    .build();
            HttpResponse<byte[]> response = http.send(request, HttpResponse.BodyHandlers.ofByteArray());
            if (response.statusCode() >= 300) {
                throw new IllegalStateException(
                        response.statusCode() + " " + new String(response.body(), StandardCharsets.UTF_8));
            }
            return answer == Void.class ? null : JSON.readValue(response.body(), answer);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private void none(RoutingContext context, String verb) {
        calls.add(verb + " " + context.pathParams().values().iterator().next());
        context.response().setStatusCode(204).end();
    }

    private boolean refused(RoutingContext context, String verb) {
        return refused(context, verb, context.pathParam("id"));
    }

    private boolean refused(RoutingContext context, String verb, String subject) {
        calls.add(verb + " " + subject);
        if (broken.contains(verb)) {
            fail(context, AgentFailure.Code.INTERNAL, verb + " is broken");
            return true;
        }
        return false;
    }

    private <T> void body(RoutingContext context, Class<T> type, java.util.function.Consumer<T> then) {
        HttpServerRequest request = context.request();
        String verb = request.method().name().equals("PUT")
                ? "create"
                : request.path().substring(request.path().lastIndexOf('/') + 1);
        request.body().onSuccess(content -> {
            if (!refused(context, verb)) {
                then.accept(read(content, type));
            }
        });
    }

    private static <T> T read(Buffer content, Class<T> type) {
        try {
            return JSON.readValue(content.getBytes(), type);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void json(RoutingContext context, Object answer) {
        try {
            context.response().putHeader("Content-Type", "application/json").end(JSON.writeValueAsString(answer));
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void fail(RoutingContext context, AgentFailure.Code code, String message) {
        context.response().setStatusCode(code.status());
        json(context, new AgentFailure.Body(code, message));
    }

    private static void await(io.vertx.core.Future<?> future) {
        future.toCompletionStage().toCompletableFuture().join();
    }

    @Override
    public void close() {
        pushing.shutdownNow();
        http.close();
        await(vertx.close());
    }
}
