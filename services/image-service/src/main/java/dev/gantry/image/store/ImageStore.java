package dev.gantry.image.store;

import com.fasterxml.jackson.databind.JsonNode;
import dev.gantry.engine.EngineError;
import dev.gantry.engine.image.Images;
import dev.gantry.engine.image.ResolvedImage;
import dev.gantry.image.manifest.ImageConfig;
import dev.gantry.image.manifest.Platform;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.hibernate.reactive.mutiny.Mutiny;

/** The images here, as other services see them. */
@ApplicationScoped
public class ImageStore implements Images {
    private final Mutiny.SessionFactory sessions;
    private final FindImage images;
    private final String contentUrl;

    ImageStore(
            Mutiny.SessionFactory sessions,
            FindImage images,
            @ConfigProperty(name = "gantry.image.content-url") String contentUrl) {
        this.sessions = sessions;
        this.images = images;
        this.contentUrl = contentUrl;
    }

    @Override
    public Uni<ResolvedImage> resolve(String reference, String platform) {
        return sessions.withSession(session -> images.require(session, reference)
                .invoke(image -> requirePlatform(image, reference, platform))
                .chain(image -> layers(session, image.id).map(layers -> resolved(image, layers))));
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
        return sessions.withSession(
                session -> session.createQuery("select i.id from ImageEntity i where i.id in :ids", String.class)
                        .setParameter("ids", imageIds)
                        .getResultList()
                        .chain(known -> session.createQuery(
                                        "from ReferenceEntity r where r.imageId in :ids and r.tag is not null order by r.name",
                                        ReferenceEntity.class)
                                .setParameter("ids", imageIds)
                                .getResultList()
                                .map(references -> grouped(known, references))));
    }

    /** The layers of an image, lowest first. */
    public static Uni<List<ImageLayerEntity>> layers(Mutiny.Session session, String imageId) {
        return session.createQuery(
                        "from ImageLayerEntity l where l.id.imageId = :image order by l.id.position",
                        ImageLayerEntity.class)
                .setParameter("image", imageId)
                .getResultList();
    }

    private static void requirePlatform(ImageEntity image, String reference, String platform) {
        if (platform == null || platform.isEmpty()) {
            return;
        }
        Platform wanted = Platform.parse(platform);
        if (!wanted.accepts(new Platform(image.os, image.architecture, image.variant))) {
            throw new EngineError.NotFound("image with reference " + reference
                    + " was found but does not provide the specified platform (" + wanted + ")");
        }
    }

    private ResolvedImage resolved(ImageEntity image, List<ImageLayerEntity> layers) {
        JsonNode config = ImageConfig.parse(image.config).runConfig();
        return new ResolvedImage(
                image.id,
                image.os,
                image.architecture,
                image.variant,
                config,
                layers.stream().map(layer -> layer.forAgents(contentUrl)).toList(),
                image.size);
    }

    private static List<ImageReferences> grouped(List<String> known, List<ReferenceEntity> references) {
        Map<String, List<String>> names = new LinkedHashMap<>();
        known.forEach(id -> names.put(id, new ArrayList<>()));
        references.forEach(reference ->
                names.get(reference.imageId).add(reference.reference().familiar()));
        return names.entrySet().stream()
                .map(entry -> new ImageReferences(entry.getKey(), entry.getValue()))
                .toList();
    }
}
