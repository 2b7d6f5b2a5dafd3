package dev.gantry.image.registry;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.gantry.agent.api.Digest;
import dev.gantry.image.manifest.MediaTypes;
import io.smallrye.mutiny.Uni;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import java.io.IOException;
import java.util.Map;

/** {@code GET /v2/<name>/manifests/<tag or digest>}. */
public final class ManifestFetch {
    private static final ObjectMapper JSON = new ObjectMapper();

    private ManifestFetch() {}

    /**
     * A manifest or an index.
     *
     * @param digest computed over {@code content}, and the one that was asked for if one was
     */
    public record Fetched(String digest, String mediaType, Buffer content) {}

    /**
     * Fetches what a tag or a digest names.
     *
     * @param tagOrDigest a digest is verified
     */
    public static Uni<Fetched> fetch(RegistrySession session, String tagOrDigest) {
        Map<String, String> headers = Map.of("Accept", String.join(", ", MediaTypes.MANIFESTS));
        return session.send(HttpMethod.GET, session.url("manifests/" + tagOrDigest), headers)
                .chain(SmallBody::read)
                .map(SmallBody::orFail)
                .map(answer -> verified(answer, tagOrDigest));
    }

    private static Fetched verified(SmallBody answer, String tagOrDigest) {
        byte[] content = answer.body().getBytes();
        String digest = Digest.of(content);
        if (tagOrDigest.contains(":") && !digest.equals(tagOrDigest)) {
            throw RegistryFailure.lied("manifest verification failed for digest " + tagOrDigest);
        }
        String header = answer.headers().get("Content-Type");
        return new Fetched(
                digest,
                mediaType(
                        content,
                        header == null ? "" : header.replaceFirst(";.*", "").strip()),
                answer.body());
    }

    /** The manifest's own word first: servers of plain files send any content type. */
    private static String mediaType(byte[] content, String header) {
        try {
            JsonNode json = JSON.readTree(content);
            String stated = json.path("mediaType").asText("");
            if (!stated.isEmpty()) {
                return stated;
            }
            if (MediaTypes.isIndex(header) || MediaTypes.isManifest(header)) {
                return header;
            }
            if (json.has("manifests")) {
                return MediaTypes.OCI_INDEX;
            }
            return json.has("layers") ? MediaTypes.OCI_MANIFEST : header;
        } catch (IOException e) {
            throw RegistryFailure.lied("error unmarshalling content: the manifest is not JSON");
        }
    }
}
