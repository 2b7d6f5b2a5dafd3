package dev.gantry.gateway.system;

import dev.gantry.engine.EngineError;
import dev.gantry.engine.container.ContainerSummary;
import dev.gantry.engine.container.ContainerUsage;
import dev.gantry.engine.container.VolumeRecords;
import dev.gantry.engine.image.ImageSummary;
import dev.gantry.engine.image.ImageUsage;
import dev.gantry.engine.system.SystemDataUsage;
import dev.gantry.engine.version.ApiVersion;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** {@code GET /system/df}: what the owners' objects take up. Images show how many containers are made of them. */
@ApplicationScoped
class DataUsage {
    private static final Set<String> TYPES = Set.of("container", "image", "volume", "build-cache");

    private final ImageUsage images;
    private final ContainerUsage containers;

    DataUsage(ImageUsage images, ContainerUsage containers) {
        this.images = images;
        this.containers = containers;
    }

    /** @param asked kinds of object; none for all of them */
    Uni<SystemDataUsage> measure(Set<String> asked, ApiVersion version) {
        for (String type : asked) {
            if (!TYPES.contains(type)) {
                throw new EngineError.BadParameter("unknown object type: " + type);
            }
        }
        Set<String> types = asked.isEmpty() ? TYPES : asked;
        boolean withImages = types.contains("image");
        boolean withContainers = types.contains("container");
        return containersFor(withContainers || withImages)
                .chain(list -> imagesFor(withImages, version).chain(used -> volumesFor(types.contains("volume"))
                        .map(volumes -> new SystemDataUsage(
                                used == null ? 0 : used.layersSize(),
                                used == null ? null : counted(used.images(), list),
                                withContainers ? list : null,
                                volumes,
                                types.contains("build-cache") ? List.of() : null))));
    }

    private Uni<List<ContainerSummary>> containersFor(boolean wanted) {
        return wanted ? containers.containers() : Uni.createFrom().nullItem();
    }

    private Uni<ImageUsage.Usage> imagesFor(boolean wanted, ApiVersion version) {
        return wanted ? images.measure(version) : Uni.createFrom().nullItem();
    }

    private Uni<List<VolumeRecords.Volume>> volumesFor(boolean wanted) {
        return wanted ? containers.volumes() : Uni.createFrom().nullItem();
    }

    private static List<ImageSummary> counted(List<ImageSummary> images, List<ContainerSummary> containers) {
        // Of a dead one only the log is left.
        Map<String, Long> counts = containers.stream()
                .filter(container -> !container.state().equals("dead"))
                .collect(Collectors.groupingBy(ContainerSummary::imageId, Collectors.counting()));
        return images.stream()
                .map(image -> image.withContainers(counts.getOrDefault(image.id(), 0L)))
                .toList();
    }
}
