package dev.gantry.gateway.system;

import dev.gantry.engine.EngineError;
import dev.gantry.engine.system.RegistryAuth;
import io.netty.channel.ConnectTimeoutException;
import io.smallrye.mutiny.TimeoutException;
import io.smallrye.mutiny.Uni;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.client.WebClientOptions;
import io.vertx.mutiny.core.Vertx;
import io.vertx.mutiny.core.buffer.Buffer;
import io.vertx.mutiny.ext.web.client.HttpRequest;
import io.vertx.mutiny.ext.web.client.HttpResponse;
import io.vertx.mutiny.ext.web.client.WebClient;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Optional;
import javax.net.ssl.SSLException;
import org.jboss.logging.Logger;

/**
 * Asks a registry whether credentials are good: the base of its API is fetched, with whatever its challenge demands
 * (a password, or a token that a password buys).
 */
@Singleton
final class RegistryLogin {
    private static final Logger LOG = Logger.getLogger(RegistryLogin.class);
    private static final Duration PATIENCE = Duration.ofSeconds(15);

    private final WebClient client;

    @Inject
    RegistryLogin(Vertx vertx) {
        client = WebClient.create(
                vertx,
                new WebClientOptions()
                        .setConnectTimeout((int) PATIENCE.toMillis())
                        .setFollowRedirects(false));
    }

    /** Fails with {@code Unauthorized} when the registry refuses, with {@code Failed} when it cannot be asked. */
    Uni<Void> check(RegistryAuth credentials) {
        RegistryAddress registry = RegistryAddress.of(credentials.serveraddress());
        return ask(registry.secure(), credentials)
                .onFailure(e -> registry.mayBePlain() && !(e instanceof EngineError))
                .recoverWithUni(e -> {
                    LOG.debugf("%s: %s", registry.secure(), e.getMessage());
                    return ask(registry.plain(), credentials);
                })
                .onFailure(e -> !(e instanceof EngineError))
                .transform(e ->
                        new EngineError.Failed("Get \"" + (registry.mayBePlain() ? registry.plain() : registry.secure())
                                + "\": " + reason(e, registry)));
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

    private Uni<Void> ask(String base, RegistryAuth credentials) {
        return get(base)
                .send()
                .ifNoItem()
                .after(PATIENCE)
                .fail()
                .chain(answer -> answer.statusCode() == 401
                        ? answerChallenge(base, credentials, answer.getHeader("WWW-Authenticate"))
                        : verdict(base, answer));
    }

    private Uni<Void> answerChallenge(String base, RegistryAuth credentials, String header) {
        Optional<Challenge> challenge = Challenge.parse(header);
        if (challenge.isEmpty()) {
            return Uni.createFrom().failure(refused(base, 401, "Unauthorized"));
        }
        Uni<HttpResponse<Buffer>> authorized = challenge.get().isBearer()
                ? token(challenge.get(), credentials)
                        .chain(token ->
                                get(base).bearerTokenAuthentication(token).send())
                : get(base)
                        .basicAuthentication(text(credentials.username()), text(credentials.password()))
                        .send();
        return authorized.ifNoItem().after(PATIENCE).fail().chain(answer -> verdict(base, answer));
    }

    private Uni<String> token(Challenge challenge, RegistryAuth credentials) {
        HttpRequest<Buffer> request = get(challenge.parameter("realm"))
                .addQueryParam("account", text(credentials.username()))
                .addQueryParam("client_id", "docker")
                .basicAuthentication(text(credentials.username()), text(credentials.password()));
        if (!challenge.parameter("service").isEmpty()) {
            request.addQueryParam("service", challenge.parameter("service"));
        }
        return request.send().ifNoItem().after(PATIENCE).fail().map(answer -> {
            if (answer.statusCode() == 401 || answer.statusCode() == 403) {
                throw new EngineError.Unauthorized(
                        "Get \"" + challenge.parameter("realm") + "\": unauthorized: incorrect username or password");
            }
            JsonObject body = answer.statusCode() == 200 ? answer.bodyAsJsonObject() : new JsonObject();
            String token = body.getString("token", body.getString("access_token", ""));
            if (token.isEmpty()) {
                throw refused(challenge.parameter("realm"), answer.statusCode(), answer.statusMessage());
            }
            return token;
        });
    }

    private HttpRequest<Buffer> get(String url) {
        return client.getAbs(url);
    }

    private static Uni<Void> verdict(String base, HttpResponse<Buffer> answer) {
        return answer.statusCode() == 200
                ? Uni.createFrom().voidItem()
                : Uni.createFrom().failure(refused(base, answer.statusCode(), answer.statusMessage()));
    }

    private static EngineError refused(String url, int status, String reason) {
        String message = "login attempt to " + url + " failed with status: " + status + " " + reason;
        return status == 401 || status == 403 ? new EngineError.Unauthorized(message) : new EngineError.Failed(message);
    }

    private static String text(String value) {
        return value == null ? "" : value;
    }
}
