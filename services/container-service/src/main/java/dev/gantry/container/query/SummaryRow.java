package dev.gantry.container.query;

import dev.gantry.container.ContainerEntity;
import dev.gantry.container.ContainerState;
import dev.gantry.container.create.PlannedMount;
import dev.gantry.engine.container.ContainerSummary;
import dev.gantry.engine.container.EndpointSettings;
import dev.gantry.engine.container.MountPoint;
import dev.gantry.engine.container.PortBinding;
import dev.gantry.engine.network.Networks;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/** A container in a listing, parsed as far as filters and output need it. */
final class SummaryRow {
    final ContainerEntity container;
    final ContainerState state;
    final Map<String, String> labels;
    final List<PlannedMount> mounts;
    final Map<String, EndpointSettings> endpoints;
    private final Networks.Attachment attachment;

    SummaryRow(ContainerEntity container) {
        this.container = container;
        this.state = container.state();
        this.labels = container.labels();
        this.mounts = container.mounts();
        this.attachment = container.attachment();
        this.endpoints = Attachments.endpoints(attachment, container.endpoints, container.networkMode);
    }

    /** Ports that are published or exposed; only running containers have them listed. */
    List<ContainerSummary.Port> ports() {
        if (attachment == null) {
            return List.of();
        }
        Map<String, List<PortBinding>> ports = Attachments.ports(attachment, container.exposedPorts());
        return Attachments.summary(ports);
    }

    /** @param image the reference, or the short id when the reference names another image now */
    ContainerSummary toSummary(String image, Map<String, String> mountpoints, Instant now) {
        List<MountPoint> points = mounts.stream()
                .filter(PlannedMount::isInspected)
                .map(mount -> mount.toPoint(mountpoints.getOrDefault(mount.source(), "")))
                .toList();
        return new ContainerSummary(
                container.id,
                List.of("/" + container.name),
                image,
                container.imageId,
                container.command,
                container.createdAt.getEpochSecond(),
                ports(),
                null,
                null,
                labels,
                state.word(),
                StatusText.of(state, now),
                new ContainerSummary.SummaryHostConfig(container.networkMode, null),
                new ContainerSummary.SummaryNetworks(endpoints),
                points);
    }
}
