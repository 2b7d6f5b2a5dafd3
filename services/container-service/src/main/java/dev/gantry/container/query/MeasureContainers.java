package dev.gantry.container.query;

import dev.gantry.container.volume.MeasureVolumes;
import dev.gantry.engine.container.ContainerSummary;
import dev.gantry.engine.container.ContainerUsage;
import dev.gantry.engine.container.VolumeRecords;
import dev.gantry.service.work.Background;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;

/** What containers and volumes take up. Each measurement has a context of its own, so that both may run at once. */
@ApplicationScoped
public class MeasureContainers implements ContainerUsage {
    private final ListContainers containers;
    private final MeasureVolumes volumes;
    private final Background background;

    MeasureContainers(ListContainers containers, MeasureVolumes volumes, Background background) {
        this.containers = containers;
        this.volumes = volumes;
        this.background = background;
    }

    @Override
    public Uni<List<ContainerSummary>> containers() {
        return background.await(() -> containers.list(true, 0, true, null));
    }

    @Override
    public Uni<List<VolumeRecords.Volume>> volumes() {
        return background.await(volumes::measure);
    }
}
