package dev.gantry.agent.api.client;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.gantry.agent.api.AgentFailure;
import dev.gantry.agent.api.AgentProtocol;
import dev.gantry.agent.api.ContainerOperations;
import dev.gantry.agent.api.stream.PeerTls;
import dev.gantry.agent.api.stream.Target;
import dev.gantry.agent.api.trace.Traces;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.streams.Pipe;
import io.vertx.core.streams.ReadStream;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jboss.logging.Logger;
import org.jboss.logging.MDC;

/**
 * Calls agents over HTTP/1.1 on a unix socket or mutual TLS. Every future fails with {@link AgentFailure} only: with the
 * agent's own code and message, or {@link AgentFailure.Code#UNREACHABLE} when no answer came. One instance serves all
 * agents and is shared; for streams see {@link dev.gantry.agent.api.stream.StreamProxy}.
 *
 * <p>With Mutiny: {@code Uni.createFrom().completionStage(() -> client.call(call, Type.class).toCompletionStage())}.
 */
public final class AgentClient implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(AgentClient.class);
    private static final int CONNECT_TIMEOUT_MILLIS = 5_000;
    /** Long calls (a stop, a create that unpacks) hold a connection each. */
    static final int CONNECTIONS = 256;

    /** Of streams, which may last for days: commands must not wait until one ends. */
    private static final int CONNECTIONS_OF_STREAMS = 8_192;

    /** Of the questions whether an agent is alive, which must not wait until a call is over. */
    private static final int CONNECTIONS_OF_THE_PULSE = 2;

    /** What is logged of an answer that is no agent's. */
    private static final int LOGGED = 1_000;

    private static final int CHUNK = 64 * 1024;

    /** Bytes of a body that may be under way: on a busy machine each wait for the other side costs a turn. */
    private static final int AHEAD = 1024 * 1024;

    /** After how long without any answer an agent is gone, for those who wait for it to do something. */
    public static final Duration PATIENCE = Duration.ofSeconds(8);

    /** How long an answer to the question whether it is alive may take. */
    private static final Duration ALIVE = Duration.ofSeconds(5);

    private final HttpClient http;
    private final HttpClient streamsHttp;
    private final HttpClient pulseHttp;
    private final ObjectMapper json;
    private final AgentPulse pulse;

    /**
     * @param tls null when no agent is reached over TLS
     * @param json must write instants as the agent reads them: the application's own mapper
     */
    public AgentClient(Vertx vertx, PeerTls tls, ObjectMapper json) {
        HttpClientOptions options = new HttpClientOptions()
                .setConnectTimeout(CONNECT_TIMEOUT_MILLIS)
                .setKeepAliveTimeout(30)
                .setMaxChunkSize(CHUNK);
        HttpClientOptions secured = tls == null ? options : tls.applyTo(options);
        this.http = vertx.createHttpClient(secured, new PoolOptions().setHttp1MaxSize(CONNECTIONS));
        this.streamsHttp = vertx.createHttpClient(secured, new PoolOptions().setHttp1MaxSize(CONNECTIONS_OF_STREAMS));
        this.pulseHttp = vertx.createHttpClient(secured, new PoolOptions().setHttp1MaxSize(CONNECTIONS_OF_THE_PULSE));
        this.json = json;
        this.pulse = new AgentPulse(vertx, this::isAlive);
    }

    private Future<Void> isAlive(String address) {
        Exchange exchange = new Exchange();
        return send(pulseHttp, AgentCall.get(address, "/alive"), exchange, any -> Future.<Void>succeededFuture())
                .timeout(ALIVE.toMillis(), TimeUnit.MILLISECONDS)
                .onFailure(silent -> exchange.giveUp());
    }

    /**
     * Fails when there is no agent at {@code address}. One that takes its time is there: a process that died refuses at
     * once, and a machine that died ends no connection that could raise the question.
     */
    public Future<Void> isThere(String address) {
        return isAlive(address)
                .recover(failure ->
                        failure instanceof TimeoutException ? Future.succeededFuture() : Future.failedFuture(failure));
    }

    /** Who waits for an agent without having a request under way hears here that it is gone. */
    public AgentPulse pulse() {
        return pulse;
    }

    /** Calls and reads the JSON answer; null when there is none, as with 204. */
    public <T> Future<T> call(AgentCall call, Class<T> answer) {
        Exchange exchange = new Exchange();
        Promise<T> result = Promise.promise();
        AgentPulse.Watch watch = pulse.watch(call.address(), PATIENCE, result::tryFail);
        Future<T> answered = send(http, call, exchange, response -> response.body()
                .compose(body -> read(response.statusCode(), body, answer)));
        limit(answered, call.timeout()).onSuccess(result::tryComplete).onFailure(result::tryFail);
        return translate(
                result.future().onComplete(done -> {
                    watch.close();
                    if (!answered.isComplete()) {
                        exchange.giveUp();
                    }
                }),
                call);
    }

    /** Calls where only success matters. */
    public Future<Void> call(AgentCall call) {
        return call(call, Void.class);
    }

    /**
     * Passes the agent's answer through to {@code client} as it comes, as for logs. The answer's status and headers must
     * be set already except {@code Content-Type}, which is the agent's unless set. When the client leaves, the agent's
     * side is cut, and the other way round. Fails, with {@code client} unanswered, when the agent refuses or cannot be
     * reached; otherwise completes at the end.
     */
    public Future<Void> pass(AgentCall call, HttpServerResponse client) {
        return pass(call, client, Future::succeededFuture);
    }

    /**
     * As above, with {@link ContainerOperations.PathStat#HEADER} as well.
     *
     * @param begun what is to be done when the agent has agreed, before the client hears of it; when it fails, so does this
     */
    public Future<Void> pass(AgentCall call, HttpServerResponse client, Supplier<Future<Void>> begun) {
        Exchange exchange = new Exchange();
        AgentPulse.Watch watch = pulse.watch(call.address(), PATIENCE, lost -> exchange.giveUp());
        return pass(call, exchange, client, begun).onComplete(done -> watch.close());
    }

    private Future<Void> pass(
            AgentCall call, Exchange exchange, HttpServerResponse client, Supplier<Future<Void>> begun) {
        Future<Void> passed = send(streamsHttp, call, exchange, response -> {
            if (response.statusCode() >= 300) {
                return response.body().compose(body -> read(response.statusCode(), body, Void.class));
            }
            String type = response.getHeader("Content-Type");
            if (type != null && !client.headers().contains("Content-Type")) {
                client.putHeader("Content-Type", type);
            }
            String stat = response.getHeader(ContainerOperations.PathStat.HEADER);
            if (stat != null) {
                client.putHeader(ContainerOperations.PathStat.HEADER, stat);
            }
            client.closeHandler(gone -> response.request().reset());
            // The answer waits meanwhile.
            Pipe<Buffer> pipe = response.pipe().endOnFailure(false);
            return begun.get().onFailure(failed -> response.request().reset()).compose(done -> passBody(client, pipe));
        });
        return translate(passed, call);
    }

    private static Future<Void> passBody(HttpServerResponse client, Pipe<Buffer> pipe) {
        client.setChunked(true);
        // The head goes out before the first byte of the body exists: a follower may wait for hours.
        client.write(Buffer.buffer());
        return pipe.to(client).recover(cut -> {
            // Too late for an error: an answer that breaks off is all that can tell.
            client.reset();
            return Future.succeededFuture();
        });
    }

    /**
     * Sends a body as it comes, and waits for the agent's word on it. An agent that refuses may do so before it has all of
     * it; what is left of the body is dropped then. When the body breaks off, so does the request.
     */
    public Future<Void> upload(AgentCall call, ReadStream<Buffer> body) {
        Exchange exchange = new Exchange();
        Promise<Void> result = Promise.promise();
        AgentPulse.Watch watch = pulse.watch(call.address(), PATIENCE, result::tryFail);
        Pipe<Buffer> pipe = body.pipe().endOnFailure(false);
        send(http, call, exchange, (request, nothing) -> sendBody(request, pipe), response -> response.body()
                        .compose(answer -> read(response.statusCode(), answer, Void.class)))
                .onSuccess(result::tryComplete)
                .onFailure(result::tryFail);
        return translate(
                result.future().onComplete(done -> {
                    watch.close();
                    pipe.close();
                    if (done.failed()) {
                        exchange.giveUp();
                    }
                }),
                call);
    }

    private static Future<HttpClientResponse> sendBody(HttpClientRequest request, Pipe<Buffer> pipe) {
        // What fails is told by the futures; without a handler it would be logged as well.
        request.setChunked(true).setWriteQueueMaxSize(AHEAD).exceptionHandler(failure -> {});
        pipe.to(request).onFailure(cut -> request.reset(0, cut));
        return request.response();
    }

    /**
     * Has {@code reader} take the agent's answer as it comes, which waits until it does. When the agent is lost, the stream
     * fails; when the reader fails, the agent's side is cut, and this fails as the reader did.
     */
    public <T> Future<T> read(AgentCall call, Function<ReadStream<Buffer>, Future<T>> reader) {
        Exchange exchange = new Exchange();
        AgentPulse.Watch watch = pulse.watch(call.address(), PATIENCE, lost -> exchange.giveUp());
        Promise<T> result = Promise.promise();
        Future<Void> answered = send(streamsHttp, call, exchange, response -> {
            if (response.statusCode() >= 300) {
                return response.body().compose(body -> read(response.statusCode(), body, Void.class));
            }
            reader.apply(response.pause()).onComplete(result);
            return Future.succeededFuture();
        });
        translate(answered, call).onFailure(result::tryFail);
        return result.future().onComplete(done -> {
            watch.close();
            if (done.failed()) {
                exchange.giveUp();
            }
        });
    }

    /** A request that can be given up, on its way to being sent as well. */
    private static final class Exchange {
        private HttpClientRequest request;
        private boolean over;

        synchronized Future<HttpClientRequest> begin(HttpClientRequest made) {
            if (over) {
                made.reset();
                return Future.failedFuture("given up");
            }
            request = made;
            return Future.succeededFuture(made);
        }

        synchronized void giveUp() {
            over = true;
            if (request != null) {
                request.reset();
            }
        }
    }

    /**
     * Sends what the call says.
     *
     * @param reader is given the answer on the event loop that its body comes on, and so before the body: whoever waits
     *     for the answer on a thread of its own may look when the body has come and gone
     */
    private <T> Future<T> send(
            HttpClient through, AgentCall call, Exchange exchange, Function<HttpClientResponse, Future<T>> reader) {
        return send(
                through,
                call,
                exchange,
                (request, body) -> body.length() == 0 ? request.send() : request.send(body),
                reader);
    }

    private <T> Future<T> send(
            HttpClient through,
            AgentCall call,
            Exchange exchange,
            BiFunction<HttpClientRequest, Buffer, Future<HttpClientResponse>> sender,
            Function<HttpClientResponse, Future<T>> reader) {
        Target target;
        Buffer body;
        try {
            target = Target.parse(call.address());
            body = call.body() == null ? Buffer.buffer() : Buffer.buffer(json.writeValueAsBytes(call.body()));
        } catch (IllegalArgumentException | JsonProcessingException e) {
            return Future.failedFuture(e);
        }
        RequestOptions options = new RequestOptions()
                .setServer(target.address())
                .setHost(target.host())
                .setPort(target.address().port() < 0 ? 80 : target.address().port())
                .setSsl(target.tls())
                .setMethod(call.method())
                .setURI(AgentProtocol.PREFIX + call.path());
        header(options, AgentProtocol.OPERATION_HEADER, call.operationId());
        header(options, AgentProtocol.REQUEST_ID_HEADER, served(AgentProtocol.REQUEST_ID_LOG_KEY));
        header(options, AgentProtocol.ACTOR_HEADER, served(AgentProtocol.ACTOR_LOG_KEY));
        Traces.tell(options::putHeader);
        header(options, "Content-Type", call.body() == null ? "" : "application/json");
        return through.request(options).compose(exchange::begin).compose(request -> sender.apply(request, body)
                .compose(reader));
    }

    /** What is known of the request that is being served. */
    private static String served(String logKey) {
        Object served = MDC.get(logKey);
        return served == null ? "" : served.toString();
    }

    private static void header(RequestOptions options, String name, String value) {
        if (!value.isEmpty()) {
            options.putHeader(name, value);
        }
    }

    private <T> Future<T> read(int status, Buffer body, Class<T> answer) {
        try {
            if (status >= 300) {
                return Future.failedFuture(failure(status, body));
            }
            boolean none = answer == Void.class || body.length() == 0;
            return Future.succeededFuture(none ? null : json.readValue(body.getBytes(), answer));
        } catch (IOException e) {
            return Future.failedFuture(e);
        }
    }

    private AgentFailure failure(int status, Buffer body) {
        try {
            AgentFailure.Body failure = json.readValue(body.getBytes(), AgentFailure.Body.class);
            if (failure.code() != null) {
                return new AgentFailure(failure.code(), failure.message());
            }
        } catch (IOException e) {
            // Not our body: a proxy's page, or the HTTP layer's own refusal. The status has to do.
        }
        AgentFailure.Code code = status == 404 ? AgentFailure.Code.NOT_FOUND : AgentFailure.Code.INTERNAL;
        LOG.warnf("an answer with status %d is no agent's: %s", status, excerpt(body));
        return new AgentFailure(code, "the agent answered with status " + status);
    }

    private static String excerpt(Buffer body) {
        return body.slice(0, Math.min(body.length(), LOGGED)).toString().replaceAll("\\p{Cntrl}", " ");
    }

    private static <T> Future<T> limit(Future<T> result, Duration timeout) {
        return timeout == null ? result : result.timeout(timeout.toMillis(), TimeUnit.MILLISECONDS);
    }

    private static <T> Future<T> translate(Future<T> result, AgentCall call) {
        return result.recover(failure -> Future.failedFuture(translate(failure, call)));
    }

    private static AgentFailure translate(Throwable failure, AgentCall call) {
        return switch (failure) {
            case AgentFailure own -> own;
            case JsonProcessingException e ->
                new AgentFailure(AgentFailure.Code.INTERNAL, "the agent's answer cannot be read", e);
            case IllegalArgumentException e -> new AgentFailure(AgentFailure.Code.INTERNAL, e.getMessage(), e);
            case TimeoutException e ->
                new AgentFailure(
                        AgentFailure.Code.UNREACHABLE,
                        "the host's agent did not answer within "
                                + call.timeout().toSeconds() + " s",
                        new IOException(call.address(), e));
            default ->
                new AgentFailure(
                        AgentFailure.Code.UNREACHABLE,
                        "the host's agent cannot be reached",
                        new IOException(Target.parse(call.address()).unreachable(failure), failure));
        };
    }

    @Override
    public void close() {
        http.close();
        streamsHttp.close();
        pulseHttp.close();
    }
}
