package dev.gantry.image.registry;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.smallrye.mutiny.Uni;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/**
 * A token from the server that the registry's challenge names
 * (https://distribution.github.io/distribution/spec/auth/token/), asked for once and shared by the session's requests.
 */
final class BearerToken implements Authorization {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final RegistryHttp http;
    private final Challenge challenge;
    private final Credentials credentials;
    private final String scope;
    private final boolean insecure;
    private Uni<String> token;

    BearerToken(RegistryHttp http, Challenge challenge, Credentials credentials, String scope, boolean insecure) {
        this.http = http;
        this.challenge = challenge;
        this.credentials = credentials;
        this.scope = scope;
        this.insecure = insecure;
    }

    @Override
    public synchronized Uni<String> header(HttpMethod method, URI url) {
        if (token == null) {
            token = fetch().memoize().indefinitely();
        }
        return token.map(value -> "Bearer " + value);
    }

    @Override
    public boolean canRefresh() {
        return true;
    }

    @Override
    public synchronized Uni<Void> refresh() {
        token = null;
        return Uni.createFrom().voidItem();
    }

    private Uni<String> fetch() {
        return http.send(call()).chain(SmallBody::read).map(SmallBody::orFail).map(BearerToken::token);
    }

    private RegistryHttp.Call call() {
        URI realm;
        try {
            realm = URI.create(challenge.parameter("realm"));
        } catch (IllegalArgumentException e) {
            throw RegistryFailure.lied("invalid token auth challenge realm: " + challenge.parameter("realm"));
        }
        if (realm.getHost() == null) {
            throw RegistryFailure.lied("no realm specified for token auth challenge");
        }
        return credentials.identityToken().isEmpty() ? get(realm) : post(realm);
    }

    private RegistryHttp.Call get(URI realm) {
        String query = "service=" + encoded(challenge.parameter("service")) + "&scope=" + encoded(scope);
        Map<String, String> headers = new HashMap<>();
        if (credentials.hasPassword()) {
            query = "account=" + encoded(credentials.username()) + "&" + query;
            headers.put("Authorization", credentials.basic());
        }
        URI url = URI.create(realm + (realm.getRawQuery() == null ? "?" : "&") + query);
        return new RegistryHttp.Call(HttpMethod.GET, url, headers, insecure, null, 0);
    }

    private RegistryHttp.Call post(URI realm) {
        String form = "grant_type=refresh_token&client_id=gantry&refresh_token="
                + encoded(credentials.identityToken()) + "&service=" + encoded(challenge.parameter("service"))
                + "&scope=" + encoded(scope);
        Map<String, String> headers = Map.of("Content-Type", "application/x-www-form-urlencoded");
        return new RegistryHttp.Call(HttpMethod.POST, realm, headers, insecure, Buffer.buffer(form), 0);
    }

    private static String token(SmallBody answer) {
        try {
            JsonNode json = JSON.readTree(answer.body().getBytes());
            String token = json.path("token").asText(json.path("access_token").asText(""));
            if (token.isEmpty()) {
                throw RegistryFailure.lied("authorization server did not include a token in the response");
            }
            return token;
        } catch (IOException e) {
            throw RegistryFailure.lied("unable to decode token response: not JSON");
        }
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
