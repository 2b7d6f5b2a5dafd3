package dev.gantry.image.registry;

import io.smallrye.mutiny.Uni;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.streams.ReadStream;
import java.net.URI;
import java.util.Map;

/** A blob's way to a registry: {@code HEAD} tells whether it is there, {@code POST} and {@code PUT} bring it. */
public final class BlobPush {
    private BlobPush() {}

    public static Uni<Boolean> exists(RegistrySession session, String digest) {
        return session.send(HttpMethod.HEAD, session.url("blobs/" + digest), Map.of())
                .chain(SmallBody::read)
                .map(answer -> {
                    if (answer.status() == 404) {
                        return false;
                    }
                    answer.orFail();
                    return true;
                });
    }

    /** Opens an upload; the answer says where the content goes. */
    public static Uni<URI> begin(RegistrySession session) {
        return session.send(HttpMethod.POST, session.url("blobs/uploads/"), Map.of("Content-Length", "0"))
                .chain(SmallBody::read)
                .map(answer -> {
                    String location = answer.orFail().headers().get("Location");
                    if (location == null) {
                        throw RegistryFailure.lied("the registry gave no location to upload to");
                    }
                    return session.resolve(location);
                });
    }

    /** Sends all of the content; the registry verifies it. */
    public static Uni<Void> send(
            RegistrySession session, URI upload, String digest, ReadStream<Buffer> content, long size) {
        URI target = URI.create(
                upload + (upload.getRawQuery() == null ? "?" : "&") + "digest=" + digest.replace(":", "%3A"));
        Map<String, String> headers = Map.of("Content-Type", "application/octet-stream");
        return session.send(HttpMethod.PUT, target, headers, content, size).chain(BlobPush::accepted);
    }

    /** {@code PUT /v2/<name>/manifests/<tag or digest>}. */
    public static Uni<Void> manifest(RegistrySession session, String tagOrDigest, String mediaType, Buffer manifest) {
        Map<String, String> headers = Map.of("Content-Type", mediaType);
        return session.send(
                        HttpMethod.PUT, session.url("manifests/" + tagOrDigest), headers, manifest, manifest.length())
                .chain(BlobPush::accepted);
    }

    private static Uni<Void> accepted(HttpClientResponse response) {
        return SmallBody.read(response).map(SmallBody::orFail).replaceWithVoid();
    }
}
