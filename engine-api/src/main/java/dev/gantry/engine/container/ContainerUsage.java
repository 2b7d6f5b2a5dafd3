package dev.gantry.engine.container;

import io.smallrye.mutiny.Uni;
import java.util.List;

/** What containers and volumes take up, for {@code docker system df}. Hosts are asked: it may take seconds. */
public interface ContainerUsage {
    /** All containers, with their sizes. */
    Uni<List<ContainerSummary>> containers();

    /** All volumes, with their usage. */
    Uni<List<VolumeRecords.Volume>> volumes();
}
