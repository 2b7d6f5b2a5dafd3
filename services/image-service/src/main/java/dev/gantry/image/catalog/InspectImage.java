package dev.gantry.image.catalog;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.gantry.engine.image.HistoryResponseItem;
import dev.gantry.engine.image.ImageInspect;
import dev.gantry.engine.version.ApiVersion;
import dev.gantry.image.manifest.ImageConfig;
import dev.gantry.image.store.FindImage;
import dev.gantry.image.store.ImageEntity;
import dev.gantry.image.store.ImageLayerEntity;
import dev.gantry.image.store.ImageStore;
import dev.gantry.image.store.ReferenceEntity;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.DateTimeException;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import org.hibernate.reactive.mutiny.Mutiny;

/** {@code docker image inspect} and {@code docker history}. */
@ApplicationScoped
class InspectImage {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String NEVER = "0001-01-01T00:00:00Z";
    /** Since then members of {@code Config} that an image does not set are left out. */
    private static final ApiVersion SPARSE_CONFIG_SINCE = new ApiVersion(1, 50);

    private final Mutiny.SessionFactory sessions;
    private final FindImage images;

    InspectImage(Mutiny.SessionFactory sessions, FindImage images) {
        this.sessions = sessions;
        this.images = images;
    }

    Uni<ImageInspect> inspect(String name, ApiVersion version) {
        return sessions.withSession(session -> images.require(session, name)
                .chain(image -> names(session, image).map(names -> inspected(image, names, version))));
    }

    Uni<List<HistoryResponseItem>> history(String name) {
        return sessions.withSession(session -> images.require(session, name).chain(image -> names(session, image)
                .chain(names -> ImageStore.layers(session, image.id).map(layers -> history(image, names, layers)))
                .chain(items -> withAncestors(session, image.parent, 1, items))));
    }

    /** The steps that an image here stands for have its id and names. */
    private static Uni<List<HistoryResponseItem>> withAncestors(
            Mutiny.Session session, String parent, int at, List<HistoryResponseItem> items) {
        if (parent == null || at >= items.size()) {
            return Uni.createFrom().item(items);
        }
        return session.find(ImageEntity.class, parent)
                .chain(image -> image == null
                        ? Uni.createFrom().item(items)
                        : names(session, image)
                                .invoke(names -> items.set(at, named(items.get(at), image, names)))
                                .chain(() -> withAncestors(session, image.parent, at + 1, items)));
    }

    private static HistoryResponseItem named(HistoryResponseItem item, ImageEntity image, ImageNames names) {
        List<String> tags = names.tags().isEmpty() ? null : ImageNames.familiar(names.tags());
        return new HistoryResponseItem(image.id, item.created(), item.createdBy(), tags, item.size(), item.comment());
    }

    private static Uni<ImageNames> names(Mutiny.Session session, ImageEntity image) {
        return session.createQuery(
                        "from ReferenceEntity r where r.imageId = :image order by r.name", ReferenceEntity.class)
                .setParameter("image", image.id)
                .getResultList()
                .map(ImageNames::of);
    }

    private static ImageInspect inspected(ImageEntity image, ImageNames names, ApiVersion version) {
        ImageConfig config = ImageConfig.parse(image.config);
        boolean withContainer = version.before(1, 45);
        return new ImageInspect(
                image.id,
                ImageNames.familiar(names.tags()),
                ImageNames.familiar(names.digests()),
                image.parent == null ? "" : image.parent,
                comment(config),
                config.text("created").isEmpty() ? (version.before(1, 44) ? NEVER : null) : config.text("created"),
                withContainer ? config.text("container") : null,
                withContainer ? complete(config.json().path("container_config")) : null,
                config.text("docker_version"),
                config.text("author"),
                version.before(SPARSE_CONFIG_SINCE) ? complete(config.runConfig()) : config.runConfig(),
                config.text("architecture"),
                config.text("variant").isEmpty() ? null : config.text("variant"),
                image.os,
                config.text("os.version").isEmpty() ? null : config.text("os.version"),
                image.size,
                version.before(1, 44) ? image.size : null,
                new ImageInspect.GraphDriver(null, "overlay2"),
                new ImageInspect.RootFs("layers", config.diffIds()),
                new ImageInspect.Metadata(image.taggedAt == null ? NEVER : image.taggedAt.toString()));
    }

    /** Where the image itself has none, that of its last step. */
    private static String comment(ImageConfig config) {
        JsonNode history = config.json().path("history");
        return config.text("comment").isEmpty() && !history.isEmpty()
                ? history.get(history.size() - 1).path("comment").asText("")
                : config.text("comment");
    }

    /** With a default for each member that Docker's {@code container.Config} has. */
    private static JsonNode complete(JsonNode config) {
        ObjectNode all = JSON.createObjectNode();
        all.put("Hostname", "").put("Domainname", "").put("User", "");
        all.put("AttachStdin", false).put("AttachStdout", false).put("AttachStderr", false);
        all.put("Tty", false).put("OpenStdin", false).put("StdinOnce", false);
        all.putNull("Env").putNull("Cmd").put("Image", "").putNull("Volumes").put("WorkingDir", "");
        all.putNull("Entrypoint").putNull("OnBuild").putNull("Labels");
        config.properties().forEach(member -> all.set(member.getKey(), member.getValue()));
        return all;
    }

    private static List<HistoryResponseItem> history(
            ImageEntity image, ImageNames names, List<ImageLayerEntity> layers) {
        List<HistoryResponseItem> items = new ArrayList<>();
        Iterator<ImageLayerEntity> remaining = layers.iterator();
        for (JsonNode step : ImageConfig.parse(image.config).json().path("history")) {
            boolean empty = step.path("empty_layer").asBoolean() || !remaining.hasNext();
            items.add(new HistoryResponseItem(
                    "<missing>",
                    seconds(step.path("created").asText("")),
                    step.path("created_by").asText(""),
                    null,
                    empty ? 0 : remaining.next().contentSize,
                    step.path("comment").asText("")));
        }
        Collections.reverse(items);
        if (!items.isEmpty()) {
            items.set(0, named(items.getFirst(), image, names));
        }
        return items;
    }

    private static long seconds(String time) {
        try {
            return time.isEmpty() ? 0 : OffsetDateTime.parse(time).toEpochSecond();
        } catch (DateTimeException e) {
            return 0;
        }
    }
}
