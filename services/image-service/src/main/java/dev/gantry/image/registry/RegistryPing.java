package dev.gantry.image.registry;

import dev.gantry.engine.registry.RegistrySettings;
import dev.gantry.image.reference.Reference;
import io.smallrye.mutiny.Uni;
import io.vertx.core.http.HttpMethod;
import jakarta.enterprise.context.ApplicationScoped;
import java.net.URI;
import java.util.List;
import java.util.Map;

/** {@code GET /v2/}: finds out the registry's scheme and how it authorises, and begins a session. */
@ApplicationScoped
public class RegistryPing {
    private final RegistryHttp http;
    private final RegistrySettings settings;

    RegistryPing(RegistryHttp http, RegistrySettings settings) {
        this.http = http;
        this.settings = settings;
    }

    /** Base addresses of the mirrors that a reference can be pulled from, before its own registry is asked. */
    public List<URI> mirrors(Reference reference) {
        return reference.domain().equals(Reference.DEFAULT_DOMAIN) ? settings.mirrors() : List.of();
    }

    /** Begins a session with a mirror. Credentials are its original's alone. */
    public Uni<RegistrySession> openMirror(URI mirror, Reference reference) {
        return settings.isInsecure(mirror.getRawAuthority())
                .map(insecure -> new RegistryEndpoint(List.of(mirror), insecure))
                .chain(endpoint -> open(endpoint, reference, Credentials.NONE, "pull"));
    }

    /**
     * Begins a session for one repository.
     *
     * @param actions {@code pull} or {@code pull,push}
     */
    public Uni<RegistrySession> open(Reference reference, Credentials credentials, String actions) {
        String authority = RegistryEndpoint.authority(reference);
        return settings.isInsecure(authority)
                .map(insecure -> RegistryEndpoint.of(authority, insecure))
                .chain(endpoint -> open(endpoint, reference, credentials, actions));
    }

    private Uni<RegistrySession> open(
            RegistryEndpoint endpoint, Reference reference, Credentials credentials, String actions) {
        return ping(endpoint, endpoint.candidates()).map(found -> {
            Authorization authorization = Challenge.choose(found.challenges())
                    .map(challenge -> authorization(challenge, reference, credentials, actions, endpoint))
                    .orElse(Authorization.NONE);
            return new RegistrySession(http, authorization, found.base(), endpoint.insecure(), reference);
        });
    }

    private record Found(URI base, List<String> challenges) {}

    private Uni<Found> ping(RegistryEndpoint endpoint, List<URI> candidates) {
        URI base = candidates.getFirst();
        Uni<Found> found = http.send(new RegistryHttp.Call(
                        HttpMethod.GET, URI.create(base + "/v2/"), Map.of(), endpoint.insecure(), null, 0))
                .chain(SmallBody::read)
                .map(answer -> new Found(base, challenges(answer)));
        return candidates.size() == 1
                ? found
                : found.onFailure().recoverWithUni(first -> ping(endpoint, candidates.subList(1, candidates.size()))
                        .onFailure()
                        .transform(second -> first));
    }

    private static List<String> challenges(SmallBody answer) {
        // 400 is what a TLS server says to plain HTTP.
        if (answer.status() >= 500 || answer.status() == 400) {
            answer.orFail();
        }
        return answer.status() == 401 ? answer.headers().getAll("WWW-Authenticate") : List.of();
    }

    private Authorization authorization(
            Challenge challenge,
            Reference reference,
            Credentials credentials,
            String actions,
            RegistryEndpoint endpoint) {
        return challenge.scheme().equals("basic")
                ? new Authorization.Basic(credentials)
                : new BearerToken(
                        http,
                        challenge,
                        credentials,
                        "repository:" + reference.path() + ":" + actions,
                        endpoint.insecure());
    }
}
