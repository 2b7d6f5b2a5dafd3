package dev.gantry.engine.image;

import io.smallrye.mutiny.Uni;
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

    /** @param references {@code repository:tag} in familiar form, maybe empty */
    record ImageReferences(String imageId, List<String> references) {}
}
