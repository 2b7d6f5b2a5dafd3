package dev.gantry.image.registry;

import io.smallrye.mutiny.Uni;
import io.vertx.core.http.HttpMethod;
import java.net.URI;

/** What goes into the {@code Authorization} header of a session's requests. */
interface Authorization {
    Authorization NONE = (method, url) -> Uni.createFrom().item("");

    /** The header's value, empty for none. */
    Uni<String> header(HttpMethod method, URI url);

    /** Whether a refused request may be worth another try. */
    default boolean canRefresh() {
        return false;
    }

    default Uni<Void> refresh() {
        return Uni.createFrom().voidItem();
    }

    /** The registry wants a name and a password with each request. */
    record Basic(Credentials credentials) implements Authorization {
        @Override
        public Uni<String> header(HttpMethod method, URI url) {
            return credentials.hasPassword()
                    ? Uni.createFrom().item(credentials.basic())
                    : Uni.createFrom().failure(RegistryFailure.noBasicCredentials(method.name(), url));
        }
    }
}
