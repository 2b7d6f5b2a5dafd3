package dev.gantry.container.query;

import dev.gantry.container.state.ContainerState;
import dev.gantry.container.state.Desired;
import dev.gantry.container.state.History;
import dev.gantry.container.state.ObservedState;
import dev.gantry.container.state.PlannedMount;
import dev.gantry.container.state.StoredJson;
import dev.gantry.engine.container.ContainerSummary;
import dev.gantry.engine.container.EndpointSettings;
import dev.gantry.engine.container.MountPoint;
import dev.gantry.engine.container.PortBinding;
import dev.gantry.engine.network.Networks;
import io.vertx.mutiny.sqlclient.Row;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A container in a listing. Only the columns that listings need are read, and no entities are made: with hundreds of
 * containers that is most of the time.
 *
 * @param attachment null while detached
 * @param exposed ports of a running container that image or client expose
 */
record SummaryRow(
        String id,
        String hostId,
        String name,
        String imageId,
        String imageReference,
        String command,
        Instant createdAt,
        String networkMode,
        ContainerState state,
        Map<String, String> labels,
        List<PlannedMount> mounts,
        Map<String, EndpointSettings> endpoints,
        Networks.Attachment attachment,
        Set<String> exposed) {

    /** What {@link #of} reads, of every container that is not still being made. */
    static final String SELECT = "select id, host_id, name, image_id, image_reference, command, created_at,"
            + " network_mode, desired, observed, started_at, finished_at, exit_code, pid,"
            + " labels #>> '{}' as labels, mounts #>> '{}' as mounts, endpoints #>> '{}' as endpoints,"
            + " network #>> '{}' as network,"
            + " case when network is null then null else config -> 'ExposedPorts' #>> '{}' end as exposed"
            + " from container.containers where operation is distinct from 'create'";

    static SummaryRow of(Row row) {
        String network = row.getString("network");
        Networks.Attachment attachment = network == null ? null : StoredJson.read(network, Networks.Attachment.class);
        String mounts = row.getString("mounts");
        String exposed = row.getString("exposed");
        return new SummaryRow(
                row.getString("id"),
                row.getString("host_id"),
                row.getString("name"),
                row.getString("image_id"),
                row.getString("image_reference"),
                row.getString("command"),
                moment(row, "created_at"),
                row.getString("network_mode"),
                state(row),
                StoredJson.strings(row.getString("labels")),
                mounts.equals("[]") ? List.of() : StoredJson.list(mounts, PlannedMount.class),
                Attachments.endpoints(attachment, row.getString("endpoints"), row.getString("network_mode")),
                attachment,
                exposed == null ? Set.of() : StoredJson.read(exposed, Map.class).keySet());
    }

    private static ContainerState state(Row row) {
        History history = new History(
                moment(row, "started_at"), moment(row, "finished_at"), row.getInteger("exit_code"), false, "", 0);
        ContainerState seen = ObservedState.of(row.getString("observed"), history, row.getInteger("pid"));
        return Desired.of(row.getString("desired")) == Desired.REMOVED ? new ContainerState.Removing(seen) : seen;
    }

    private static Instant moment(Row row, String column) {
        OffsetDateTime time = row.getOffsetDateTime(column);
        return time == null ? null : time.toInstant();
    }

    /** Ports that are published or exposed; only running containers have them listed. */
    List<ContainerSummary.Port> ports() {
        Map<String, List<PortBinding>> ports = Attachments.ports(attachment, exposed);
        return Attachments.summary(ports);
    }

    /** @param image the reference, or the id when the reference names another image now */
    ContainerSummary toSummary(String image, Map<String, String> mountpoints, Instant now) {
        List<MountPoint> points = mounts.stream()
                .filter(PlannedMount::isInspected)
                .map(mount -> mount.toPoint(mountpoints.getOrDefault(mount.source(), "")))
                .toList();
        return new ContainerSummary(
                id,
                List.of("/" + name),
                image,
                imageId,
                command,
                createdAt.getEpochSecond(),
                ports(),
                null,
                null,
                labels,
                state.word(),
                StatusText.of(state, now),
                new ContainerSummary.SummaryHostConfig(networkMode, null),
                new ContainerSummary.SummaryNetworks(endpoints),
                points);
    }
}
