package dev.gantry.gateway.system;

import dev.gantry.agent.api.stream.WholeBody;
import dev.gantry.engine.EngineError;
import dev.gantry.engine.registry.RegistrySettings;
import dev.gantry.engine.system.RegistryAuth;
import dev.gantry.engine.tls.TlsClient;
import io.netty.channel.ConnectTimeoutException;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.json.JsonObject;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URLEncoder;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLException;
import org.jboss.logging.Logger;

/**
 * Asks a registry whether credentials are good: the base of its API is fetched, with whatever its challenge demands
 * (a password, or a token that a password buys).
 */
@Singleton
final class RegistryLogin implements TlsClient {
    private static final Logger LOG = Logger.getLogger(RegistryLogin.class);
    private static final Duration PATIENCE = Duration.ofSeconds(15);

    /** Tokens are a few KiB; everything else that is said here is only read past. */
    private static final int LARGEST_ANSWER = 64 << 10;

    private final HttpClient strict;
    private final HttpClient lenient;
    private final RegistrySettings settings;

    @Inject
    RegistryLogin(Vertx vertx, RegistrySettings settings) {
        strict = vertx.createHttpClient(options());
        lenient = vertx.createHttpClient(options().setTrustAll(true).setVerifyHost(false));
        this.settings = settings;
    }

    private static HttpClientOptions options() {
        return new HttpClientOptions().setConnectTimeout((int) PATIENCE.toMillis());
    }

    /** Fails with {@code Unauthorized} when the registry refuses, with {@code Failed} when it cannot be asked. */
    Uni<Void> check(RegistryAuth credentials) {
        RegistryAddress registry = RegistryAddress.of(credentials.serveraddress());
        return settings.isInsecure(registry.authority())
                .chain(insecure -> insecure
                        ? told(registry, registry.plain(), askInsecurely(registry, credentials))
                        : told(registry, registry.secure(), ask(strict, registry.secure(), credentials)));
    }

    private Uni<Void> askInsecurely(RegistryAddress registry, RegistryAuth credentials) {
        return ask(lenient, registry.secure(), credentials)
                .onFailure(e -> !(e instanceof EngineError))
                .recoverWithUni(e -> {
                    LOG.debugf("%s: %s", registry.secure(), e.getMessage());
                    return ask(lenient, registry.plain(), credentials);
                });
    }

    private static Uni<Void> told(RegistryAddress registry, String base, Uni<Void> asked) {
        return asked.onFailure(e -> !(e instanceof EngineError))
                .transform(e -> new EngineError.Failed("Get \"" + base + "\": " + reason(e, registry)));
    }

    /** As Go words what is common; the rest is for the log. */
    private static String reason(Throwable failure, RegistryAddress registry) {
        LOG.infof("registry %s: %s", registry.authority(), failure);
        return switch (failure) {
            case UnknownHostException _ -> "dial tcp: lookup " + registry.authority() + ": no such host";
            case ConnectTimeoutException _ -> "dial tcp " + registry.authority() + ": i/o timeout";
            case ConnectException _ -> "dial tcp " + registry.authority() + ": connect: connection refused";
            case TimeoutException _ -> "context deadline exceeded";
            case SSLException _ -> "tls: failed to verify certificate";
            default -> "the registry cannot be reached";
        };
    }

    private Uni<Void> ask(HttpClient client, String base, RegistryAuth credentials) {
        return get(client, base, "")
                .chain(answer -> answer.status() == 401
                        ? answerChallenge(client, base, credentials, answer.challenge())
                        : verdict(base, answer));
    }

    private Uni<Void> answerChallenge(HttpClient client, String base, RegistryAuth credentials, String header) {
        Optional<Challenge> challenge = Challenge.parse(header);
        if (challenge.isEmpty()) {
            return Uni.createFrom().failure(refused(base, 401, "Unauthorized"));
        }
        Uni<Answer> authorized = challenge.get().isBearer()
                ? token(client, challenge.get(), credentials).chain(token -> get(client, base, "Bearer " + token))
                : get(client, base, basic(credentials));
        return authorized.chain(answer -> verdict(base, answer));
    }

    private Uni<String> token(HttpClient client, Challenge challenge, RegistryAuth credentials) {
        String realm = challenge.parameter("realm");
        String query = "account=" + encoded(text(credentials.username())) + "&client_id=docker";
        if (!challenge.parameter("service").isEmpty()) {
            query += "&service=" + encoded(challenge.parameter("service"));
        }
        return get(client, realm + (realm.contains("?") ? "&" : "?") + query, basic(credentials))
                .map(answer -> {
                    if (answer.status() == 401 || answer.status() == 403) {
                        throw new EngineError.Unauthorized(
                                "Get \"" + realm + "\": unauthorized: incorrect username or password");
                    }
                    JsonObject body = answer.status() == 200 ? answer.body().toJsonObject() : new JsonObject();
                    String token = body.getString("token", body.getString("access_token", ""));
                    if (token.isEmpty()) {
                        throw refused(realm, answer.status(), answer.reason());
                    }
                    return token;
                });
    }

    private static String encoded(String value) {
        return URLEncoder.encode(value, StandardCharsets.UTF_8);
    }

    private static String basic(RegistryAuth credentials) {
        String pair = text(credentials.username()) + ":" + text(credentials.password());
        return "Basic " + Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8));
    }

    /** @param challenge null when there is none */
    private record Answer(int status, String reason, String challenge, Buffer body) {}

    /** @param authorization empty for none */
    private static Uni<Answer> get(HttpClient client, String url, String authorization) {
        return Uni.createFrom().completionStage(() -> {
            RequestOptions options = new RequestOptions().setAbsoluteURI(url).putHeader("User-Agent", "gantry");
            if (!authorization.isEmpty()) {
                options.putHeader("Authorization", authorization);
            }
            return client.request(options)
                    .compose(request -> request.send()
                            .compose(RegistryLogin::read)
                            .timeout(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)
                            .onFailure(_ -> request.reset()))
                    .toCompletionStage();
        });
    }

    private static Future<Answer> read(HttpClientResponse response) {
        return WholeBody.read(
                        response,
                        LARGEST_ANSWER,
                        () -> new IOException("an answer of more than " + LARGEST_ANSWER + " bytes"),
                        PATIENCE)
                .map(body -> new Answer(
                        response.statusCode(), response.statusMessage(), response.getHeader("WWW-Authenticate"), body));
    }

    private static Uni<Void> verdict(String base, Answer answer) {
        return answer.status() == 200
                ? Uni.createFrom().voidItem()
                : Uni.createFrom().failure(refused(base, answer.status(), answer.reason()));
    }

    private static EngineError refused(String url, int status, String reason) {
        String message = "login attempt to " + url + " failed with status: " + status + " " + reason;
        return status == 401 || status == 403 ? new EngineError.Unauthorized(message) : new EngineError.Failed(message);
    }

    private static String text(String value) {
        return value == null ? "" : value;
    }
}
