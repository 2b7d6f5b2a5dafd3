package dev.gantry.image.registry;

import dev.gantry.image.reference.Reference;
import io.smallrye.mutiny.Uni;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import java.net.URI;
import java.util.HashMap;
import java.util.Map;

/**
 * A conversation about one repository: scheme and authorisation are settled. A token that has run out meanwhile is
 * replaced once per request.
 */
public final class RegistrySession {
    private final RegistryHttp http;
    private final Authorization authorization;
    private final URI base;
    private final boolean insecure;
    private final String path;

    RegistrySession(RegistryHttp http, Authorization authorization, URI base, boolean insecure, Reference reference) {
        this.http = http;
        this.authorization = authorization;
        this.base = base;
        this.insecure = insecure;
        this.path = "/v2/" + reference.path();
    }

    /** The address of something of the repository: {@code manifests/latest}. */
    public URI url(String relative) {
        return URI.create(base + path + "/" + relative);
    }

    /** An address that the registry gave, such as an upload's. */
    URI resolve(String location) {
        return base.resolve(location);
    }

    Uni<HttpClientResponse> send(HttpMethod method, URI url, Map<String, String> headers) {
        return send(method, url, headers, null, 0);
    }

    Uni<HttpClientResponse> send(HttpMethod method, URI url, Map<String, String> headers, Object body, long length) {
        return authorized(method, url, headers, body, length).chain(response -> {
            boolean refresh = response.statusCode() == 401 && authorization.canRefresh() && body == null;
            if (!refresh) {
                return Uni.createFrom().item(response);
            }
            response.request().reset();
            return authorization.refresh().chain(() -> authorized(method, url, headers, body, length));
        });
    }

    private Uni<HttpClientResponse> authorized(
            HttpMethod method, URI url, Map<String, String> headers, Object body, long length) {
        return authorization.header(method, url).chain(value -> {
            Map<String, String> all = new HashMap<>(headers);
            if (!value.isEmpty() && url.getAuthority().equals(base.getAuthority())) {
                all.put("Authorization", value);
            }
            return http.send(new RegistryHttp.Call(method, url, all, insecure, body, length));
        });
    }
}
