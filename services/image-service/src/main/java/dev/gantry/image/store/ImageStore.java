package dev.gantry.image.store;

import dev.gantry.agent.api.ContainerSpec;
import dev.gantry.engine.EngineError;
import dev.gantry.engine.image.Images;
import dev.gantry.engine.image.ResolvedImage;
import dev.gantry.image.manifest.ImageConfig;
import dev.gantry.image.manifest.Platform;
import dev.gantry.image.reference.Reference;
import io.smallrye.mutiny.Uni;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.streams.ReadStream;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.StreamSupport;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.hibernate.reactive.mutiny.Mutiny;

/** The images here, as other services see them. */
@ApplicationScoped
public class ImageStore implements Images {
    /** By the name {@code $1} or the id {@code $2}. The arrays are of its layers, lowest first. */
    private static final String RESOLVE =
            """
            select i.id, i.os, i.architecture, i.variant, i.size, i.config, l.*
            from image.image i, lateral (
                select coalesce(array_agg(diff_id order by position), '{}') as diff_ids,
                       coalesce(array_agg(chain_id order by position), '{}') as chain_ids,
                       coalesce(array_agg(digest order by position), '{}') as digests,
                       coalesce(array_agg(media_type order by position), '{}') as media_types,
                       coalesce(array_agg(size order by position), '{}') as sizes
                from image.image_layer where image_id = i.id) l
            where i.id = coalesce($2, (select r.image_id from image.reference r where r.name = $1))
            """;

    private static final String DESCENDANTS =
            """
            with recursive found (id) as (
                select unnest($1::text[])
                union select i.id from image.image i join found f on i.parent = f.id)
            select id from found
            """;

    private static final String REFERENCES = "select i.id, array(select r.name from image.reference r"
            + " where r.image_id = i.id and r.tag is not null order by r.name) as names"
            + " from image.image i where i.id = any($1)";

    private final Mutiny.SessionFactory sessions;
    private final Pool database;
    private final FindImage images;
    private final CommitImage commit;
    private final String contentUrl;

    ImageStore(
            Mutiny.SessionFactory sessions,
            Pool database,
            FindImage images,
            CommitImage commit,
            @ConfigProperty(name = "gantry.image.content-url") String contentUrl) {
        this.sessions = sessions;
        this.database = database;
        this.images = images;
        this.commit = commit;
        this.contentUrl = contentUrl;
    }

    /** One statement for a name or a whole id; what is written otherwise is looked for first. */
    @Override
    public Uni<ResolvedImage> resolve(String reference, String platform) {
        FindImage.Direct direct = FindImage.direct(reference);
        return load(direct.name(), direct.id())
                .chain(found -> found != null
                        ? Uni.createFrom().item(found)
                        : sessions.withSession(session -> images.require(session, reference))
                                .chain(image -> load(null, image.id)))
                .invoke(image -> requirePlatform(image, reference, platform));
    }

    /** By name or by id, the other being null; null when there is none, or none any more. */
    private Uni<ResolvedImage> load(String name, String id) {
        return database.preparedQuery(RESOLVE)
                .execute(Tuple.of(name, id))
                .map(rows -> rows.size() == 0 ? null : resolved(rows.iterator().next()));
    }

    @Override
    public Uni<Long> count() {
        return sessions.withSession(session -> session.createQuery("select count(*) from ImageEntity", Long.class)
                .getSingleResult());
    }

    @Override
    public Uni<List<ImageReferences>> referencesOf(List<String> imageIds) {
        if (imageIds.isEmpty()) {
            return Uni.createFrom().item(List.of());
        }
        return database.preparedQuery(REFERENCES)
                .execute(Tuple.of(imageIds.toArray(String[]::new)))
                .map(rows -> StreamSupport.stream(rows.spliterator(), false)
                        .map(ImageStore::references)
                        .toList());
    }

    @Override
    public Uni<List<String>> layersInUse(List<String> chainIds) {
        return chainIds.isEmpty()
                ? Uni.createFrom().item(List.of())
                : sessions.withSession(session -> session.createQuery(
                                "select distinct l.chainId from ImageLayerEntity l where l.chainId in (:chains)",
                                String.class)
                        .setParameter("chains", chainIds)
                        .getResultList());
    }

    @Override
    public Uni<List<String>> descendants(List<String> imageIds) {
        if (imageIds.isEmpty()) {
            return Uni.createFrom().item(List.of());
        }
        return database.preparedQuery(DESCENDANTS)
                .execute(Tuple.of(imageIds.toArray(String[]::new)))
                .map(rows -> StreamSupport.stream(rows.spliterator(), false)
                        .map(row -> row.getString("id"))
                        .toList());
    }

    @Override
    public Uni<String> nameFor(String repository, String tag) {
        if (repository == null || repository.isEmpty()) {
            return Uni.createFrom().item("");
        }
        Reference name = Reference.parse(repository);
        if (name.digest() != null) {
            throw new EngineError.BadParameter("cannot import digest reference");
        }
        Reference named = tag == null || tag.isEmpty() ? name.tagged() : name.with(tag);
        return Uni.createFrom().item(named.familiar());
    }

    @Override
    public Uni<String> commit(Commit wish, ReadStream<Buffer> layer) {
        return commit.commit(wish, layer);
    }

    /** The layers of an image, lowest first. */
    public static Uni<List<ImageLayerEntity>> layers(Mutiny.Session session, String imageId) {
        return session.createQuery(
                        "from ImageLayerEntity l where l.id.imageId = :image order by l.id.position",
                        ImageLayerEntity.class)
                .setParameter("image", imageId)
                .getResultList();
    }

    private static void requirePlatform(ResolvedImage image, String reference, String platform) {
        if (platform == null || platform.isEmpty()) {
            return;
        }
        Platform wanted = Platform.parse(platform);
        if (!wanted.accepts(new Platform(image.os(), image.architecture(), image.variant()))) {
            throw new EngineError.NotFound("image with reference " + reference
                    + " was found but does not provide the specified platform (" + wanted + ")");
        }
    }

    private ResolvedImage resolved(Row row) {
        String[] diffIds = row.getArrayOfStrings("diff_ids");
        String[] chainIds = row.getArrayOfStrings("chain_ids");
        String[] digests = row.getArrayOfStrings("digests");
        String[] mediaTypes = row.getArrayOfStrings("media_types");
        Long[] sizes = row.getArrayOfLongs("sizes");
        List<ContainerSpec.Layer> layers = new ArrayList<>(diffIds.length);
        for (int at = 0; at < diffIds.length; at++) {
            layers.add(new ContainerSpec.Layer(
                    diffIds[at], chainIds[at], digests[at], mediaTypes[at], sizes[at], contentUrl + digests[at]));
        }
        return new ResolvedImage(
                row.getString("id"),
                row.getString("os"),
                row.getString("architecture"),
                row.getString("variant"),
                ImageConfig.runConfig(row.getString("config")),
                layers,
                row.getLong("size"));
    }

    private static ImageReferences references(Row row) {
        return new ImageReferences(
                row.getString("id"),
                Arrays.stream(row.getArrayOfStrings("names"))
                        .map(name -> Reference.parse(name).familiar())
                        .toList());
    }
}
