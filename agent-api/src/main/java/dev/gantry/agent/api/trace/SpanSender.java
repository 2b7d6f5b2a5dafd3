package dev.gantry.agent.api.trace;

import io.opentelemetry.exporter.internal.otlp.traces.TraceRequestMarshaler;
import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.util.Collection;
import java.util.concurrent.atomic.AtomicLong;
import org.eclipse.microprofile.config.Config;
import org.jboss.logging.Logger;

/**
 * Sends spans to {@code gantry.traces.endpoint}, in OTLP over HTTP. OpenTelemetry's own thread hands them over in batches,
 * out of a queue that drops what it has no room for: nothing else ever waits for the receiver. It is asked once for each
 * batch, and of its answer only the status is read, whatever follows: it may be down, slow, or not what it should be. A
 * batch that it did not take is lost. The first is logged, and how many they were when one arrives again.
 */
@Singleton
public final class SpanSender implements SpanExporter {
    private static final Logger LOG = Logger.getLogger(SpanSender.class);
    private static final String PATH = "/v1/traces";
    private static final int CONNECT_TIMEOUT_MILLIS = 5_000;
    private static final long ANSWER_TIMEOUT_MILLIS = 10_000;
    private static final int SUCCESS = 200;

    private final HttpClient client;
    private final RequestOptions target;
    private final AtomicLong lost = new AtomicLong();

    @Inject
    SpanSender(Vertx vertx, Config config) {
        this(vertx, config.getValue("gantry.traces.endpoint", URI.class), ANSWER_TIMEOUT_MILLIS);
    }

    SpanSender(Vertx vertx, URI endpoint, long timeoutMillis) {
        this.client = vertx.createHttpClient(new HttpClientOptions()
                .setConnectTimeout(CONNECT_TIMEOUT_MILLIS)
                // What it goes on to send is not waited for, so there is nothing to go on with.
                .setKeepAlive(false)
                .setMaxPoolSize(1));
        this.target = new RequestOptions()
                .setMethod(HttpMethod.POST)
                .setAbsoluteURI(endpoint.toString().replaceFirst("/+$", "") + PATH)
                .setTimeout(timeoutMillis)
                .putHeader("Content-Type", "application/x-protobuf");
    }

    @Override
    public CompletableResultCode export(Collection<SpanData> spans) {
        CompletableResultCode result = new CompletableResultCode();
        send(encoded(spans))
                .onSuccess(taken -> {
                    arrived();
                    result.succeed();
                })
                .onFailure(refused -> {
                    lost(spans.size(), refused);
                    result.fail();
                });
        return result;
    }

    private Future<Void> send(Buffer spans) {
        return client.request(target).compose(request -> request.send(spans)).compose(answer -> {
            // Vert.x would log what comes after that.
            answer.exceptionHandler(_ -> {});
            answer.request().reset();
            return answer.statusCode() == SUCCESS
                    ? Future.succeededFuture()
                    : Future.failedFuture("it answered " + answer.statusCode());
        });
    }

    private static Buffer encoded(Collection<SpanData> spans) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try {
            TraceRequestMarshaler.create(spans).writeBinaryTo(bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return Buffer.buffer(bytes.toByteArray());
    }

    private void lost(int spans, Throwable cause) {
        if (lost.getAndAdd(spans) == 0) {
            LOG.warnf(
                    "spans do not arrive at %s:%d and are lost, until this log says otherwise: %s",
                    target.getHost(), target.getPort(), cause.getMessage());
        }
    }

    private void arrived() {
        long before = lost.getAndSet(0);
        if (before > 0) {
            LOG.infof("spans arrive at %s:%d again; %d were lost", target.getHost(), target.getPort(), before);
        }
    }

    @Override
    public CompletableResultCode flush() {
        return CompletableResultCode.ofSuccess();
    }

    @Override
    public CompletableResultCode shutdown() {
        client.close();
        return CompletableResultCode.ofSuccess();
    }
}
