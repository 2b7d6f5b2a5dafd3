package dev.gantry.container.query;

import dev.gantry.container.state.ContainerState;
import dev.gantry.container.state.PlannedMount;
import dev.gantry.container.state.StoredJson;
import dev.gantry.engine.container.ContainerSummary;
import dev.gantry.engine.container.EndpointSettings;
import dev.gantry.engine.container.MountPoint;
import dev.gantry.engine.json.RawJson;
import dev.gantry.engine.network.Networks;
import io.vertx.mutiny.sqlclient.Row;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A container in a listing. Only the columns that listings need are read, no entities are made, and JSON stays as it was
 * stored until a filter or an answer has to look into it: with hundreds of containers that is most of the time.
 *
 * @param health {@code none}, {@code starting}, {@code healthy} or {@code unhealthy}
 * @param labels an object of strings
 * @param mounts an array of {@link PlannedMount}
 * @param mountpoints directories of its volumes by name, an object; null without volumes
 * @param asked endpoint settings asked for, by network
 * @param network what it is attached to; null while detached
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
        String health,
        String labels,
        String mounts,
        String mountpoints,
        String asked,
        String network,
        String links) {

    /** What {@link #of} reads, of every container that is not still being made. */
    static final String SELECT =
            "select id, host_id, name, image_id, image_reference, command, created_at, network_mode, "
                    + StateColumns.LIST + ", health_status, labels::text, mounts::text, "
                    + Mountpoints.COLUMN + ", endpoints::text as asked, network::text,"
                    + " (select json_agg('/' || p.name || '/' || l.alias order by p.name, l.alias)::text"
                    + " from container.links l join container.containers p on p.id = l.container_id"
                    + " where l.target_id = c.id) as links"
                    + " from container.containers c where operation is distinct from 'create'";

    static SummaryRow of(Row row) {
        return new SummaryRow(
                row.getString("id"),
                row.getString("host_id"),
                row.getString("name"),
                row.getString("image_id"),
                row.getString("image_reference"),
                row.getString("command"),
                StateColumns.moment(row, "created_at"),
                row.getString("network_mode"),
                StateColumns.of(row),
                row.getString("health_status"),
                row.getString("labels"),
                row.getString("mounts"),
                row.getString("mountpoints"),
                row.getString("asked"),
                row.getString("network"),
                row.getString("links"));
    }

    Map<String, String> labelMap() {
        return StoredJson.strings(labels);
    }

    List<PlannedMount> plannedMounts() {
        return mounts.equals("[]") ? List.of() : StoredJson.list(mounts, PlannedMount.class);
    }

    private Networks.Attachment attachment() {
        return network == null ? null : StoredJson.read(network, Networks.Attachment.class);
    }

    Map<String, EndpointSettings> endpoints() {
        return Attachments.endpoints(attachment(), asked);
    }

    /** Ports that are published or exposed; only running containers have them listed. */
    List<ContainerSummary.Port> ports() {
        return ports(attachment());
    }

    private static List<ContainerSummary.Port> ports(Networks.Attachment attachment) {
        return attachment == null ? List.of() : Attachments.summary(Attachments.ports(attachment));
    }

    /** Its own, and those that others have for it. */
    List<String> names() {
        List<String> all = new ArrayList<>(List.of("/" + name));
        if (links != null) {
            all.addAll(StoredJson.list(links, String.class));
        }
        return all;
    }

    private List<MountPoint> points() {
        return mounts.equals("[]") ? List.of() : Mountpoints.points(plannedMounts(), mountpoints);
    }

    /** @param image the reference, or the id when the reference names another image now */
    ContainerSummary toSummary(String image, Instant now) {
        Networks.Attachment attachment = attachment();
        RawJson networks = attachment == null
                ? new RawJson(asked)
                : new RawJson(StoredJson.write(Attachments.endpoints(attachment, asked)));
        return new ContainerSummary(
                id,
                names(),
                image,
                imageId,
                command,
                createdAt.getEpochSecond(),
                ports(attachment),
                null,
                null,
                new RawJson(labels),
                state.word(),
                StatusText.of(state, health, now),
                new ContainerSummary.SummaryHostConfig(networkMode, null),
                new ContainerSummary.SummaryNetworks(networks),
                points());
    }
}
