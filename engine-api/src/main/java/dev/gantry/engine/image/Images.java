package dev.gantry.engine.image;

import dev.gantry.engine.container.ContainerConfig;
import io.smallrye.mutiny.Uni;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.streams.ReadStream;
import java.util.List;

/** What other services ask of image-service. */
public interface Images {
    /**
     * Finds the image that a container is to be made of.
     *
     * @param reference name, name with tag or digest, id, or id prefix, as a client wrote it
     * @param platform {@code os[/arch[/variant]]}, or empty for the host's own
     * @return fails with {@code NotFound("No such image: ...")} as Docker says it
     */
    Uni<ResolvedImage> resolve(String reference, String platform);

    /** How many images there are, for {@code docker info}. */
    Uni<Long> count();

    /** The references of an image that still name it, by image id; ids without an image are absent. */
    Uni<List<ImageReferences>> referencesOf(List<String> imageIds);

    /** Those of the chain ids that an image stands on. */
    Uni<List<String>> layersInUse(List<String> chainIds);

    /** These images' ids, and those of all that were committed on them, directly or not. */
    Uni<List<String>> descendants(List<String> imageIds);

    /**
     * The name that a new image may be given, in familiar form with its tag; empty for none.
     *
     * @param repository may have a tag, and be empty or null
     * @param tag empty or null for that of the repository, or {@code latest}
     * @return fails with {@code BadParameter} when it is none, or has a digest
     */
    Uni<String> nameFor(String repository, String tag);

    /**
     * Makes an image of another one and a layer on top of it.
     *
     * @param layer uncompressed tar; one without members is no layer. It is read by this, from its beginning, and when it
     *     breaks off nothing remains
     * @return the image's id; fails with {@code NotFound} when there is no such parent
     */
    Uni<String> commit(Commit wish, ReadStream<Buffer> layer);

    /**
     * An image to be made.
     *
     * @param parent id of the image below
     * @param name as {@link #nameFor} gave it; empty for none. Another image of that name loses it
     * @param container id of the container that the layer is of, whose own configuration is {@code containerConfig}
     * @param config what containers of the image are made with
     */
    record Commit(
            String parent,
            String name,
            String container,
            ContainerConfig containerConfig,
            ContainerConfig config,
            String author,
            String comment) {}

    /** @param references {@code repository:tag} in familiar form, maybe empty */
    record ImageReferences(String imageId, List<String> references) {}
}
