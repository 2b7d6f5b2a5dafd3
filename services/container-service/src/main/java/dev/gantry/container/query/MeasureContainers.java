package dev.gantry.container.query;

import com.fasterxml.jackson.databind.JsonNode;
import dev.gantry.container.host.HostAgents;
import dev.gantry.container.kept.KeptLogs;
import dev.gantry.container.state.StoredJson;
import dev.gantry.container.volume.MeasureVolumes;
import dev.gantry.engine.container.ContainerInspect;
import dev.gantry.engine.container.ContainerSummary;
import dev.gantry.engine.container.ContainerUsage;
import dev.gantry.engine.container.VolumeRecords;
import dev.gantry.engine.json.RawJson;
import dev.gantry.service.work.Background;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** What containers and volumes take up. Each measurement has a context of its own, so that both may run at once. */
@ApplicationScoped
public class MeasureContainers implements ContainerUsage {
    private final ListContainers containers;
    private final MeasureVolumes volumes;
    private final KeptLogs kept;
    private final HostAgents agents;
    private final Background background;

    MeasureContainers(
            ListContainers containers,
            MeasureVolumes volumes,
            KeptLogs kept,
            HostAgents agents,
            Background background) {
        this.containers = containers;
        this.volumes = volumes;
        this.kept = kept;
        this.agents = agents;
        this.background = background;
    }

    @Override
    public Uni<List<ContainerSummary>> containers() {
        return background.await(() -> containers.list(true, 0, true, null).chain(there -> kept.all()
                .chain(this::measured)
                .map(logs -> Stream.concat(there.stream(), logs.stream()).toList())));
    }

    /** Kept logs count as what is left of their containers. */
    private Uni<List<ContainerSummary>> measured(List<KeptLogs.Kept> logs) {
        return Multi.createFrom()
                .iterable(logs)
                .onItem()
                .transformToUniAndConcatenate(log -> agents.size(log.hostId(), log.id())
                        .map(size -> Optional.of(summary(log, size.sizeRw())))
                        .onFailure()
                        .recoverWithItem(Optional.empty()))
                .collect()
                .asList()
                .map(found -> found.stream().flatMap(Optional::stream).toList());
    }

    private static ContainerSummary summary(KeptLogs.Kept log, long size) {
        ContainerInspect was = StoredJson.read(log.inspection(), ContainerInspect.class);
        JsonNode config = StoredJson.read(was.config().text(), JsonNode.class);
        return new ContainerSummary(
                log.id(),
                List.of(was.name()),
                config.path("Image").asText(),
                was.image(),
                was.path(),
                Instant.parse(was.created()).getEpochSecond(),
                List.of(),
                size,
                size,
                new RawJson(
                        config.path("Labels").isObject() ? config.path("Labels").toString() : "{}"),
                was.state().status(),
                "Removed, its log is kept",
                new ContainerSummary.SummaryHostConfig("", Map.of()),
                new ContainerSummary.SummaryNetworks(new RawJson("{}")),
                List.of());
    }

    @Override
    public Uni<List<VolumeRecords.Volume>> volumes() {
        return background.await(volumes::measure);
    }
}
