package dev.gantry.container.query;

import dev.gantry.container.state.ContainerState;
import dev.gantry.container.state.HealthRecord;
import dev.gantry.container.state.PlannedMount;
import dev.gantry.container.state.StoredJson;
import io.vertx.mutiny.sqlclient.Row;
import java.time.Instant;
import java.util.List;

/**
 * Everything that an inspection shows and the database knows, in one row. JSON is as it was stored.
 *
 * @param entrypoint an array of strings, or null as JSON or as SQL has it; so is {@code command}
 * @param logType {@code HostConfig.LogConfig.Type}
 * @param mounts as in {@link SummaryRow}; so are {@code mountpoints}, {@code asked} and {@code network}
 * @param execs ids of running ones, an array, or null
 */
record InspectedRow(
        String id,
        String hostId,
        String name,
        Instant createdAt,
        String imageId,
        String platform,
        String networkMode,
        String networkNamespace,
        ContainerState state,
        HealthRecord health,
        String config,
        String hostConfig,
        String entrypoint,
        String command,
        String logType,
        String mounts,
        String mountpoints,
        String asked,
        String network,
        String execs,
        String links) {

    private static final String SELECT = "select id, host_id, name, created_at, image_id, platform, network_mode,"
            + " network_namespace, " + StateColumns.LIST
            + ", health_status, failing_streak, health_log, config::text, host_config::text,"
            + " config ->> 'Entrypoint' as entrypoint, config ->> 'Cmd' as command,"
            + " host_config #>> '{LogConfig,Type}' as log_type,"
            + " mounts::text, " + Mountpoints.COLUMN + ", endpoints::text as asked, network::text,"
            + " (select json_agg(e.id order by e.created_at)::text from container.execs e"
            + " where e.container_id = c.id and e.state = 'running') as execs,"
            + " (select json_agg('/' || t.name || ':/' || c.name || '/' || l.alias order by l.alias)::text"
            + " from container.links l join container.containers t on t.id = l.target_id"
            + " where l.container_id = c.id) as links"
            + " from container.containers c where operation is distinct from 'create' and ";

    /** By the id {@code $1}. */
    static final String BY_ID = SELECT + "id = $1";

    /**
     * By the name {@code $1} or, when there is none of that name, by the beginning {@code $2} of an id (null for none);
     * at most two. A pattern that is a parameter would find no index, a range does: {@code g} comes after all digits.
     */
    static final String BY_NAME_OR_PREFIX = SELECT
            + "(name = $1 or id ~>=~ $2 and id ~<~ ($2 || 'g') and not exists (select from container.containers n where n.name = $1"
            + " and n.operation is distinct from 'create')) limit 2";

    static InspectedRow of(Row row) {
        return new InspectedRow(
                row.getString("id"),
                row.getString("host_id"),
                row.getString("name"),
                StateColumns.moment(row, "created_at"),
                row.getString("image_id"),
                row.getString("platform"),
                row.getString("network_mode"),
                row.getString("network_namespace"),
                StateColumns.of(row),
                new HealthRecord(
                        row.getString("health_status"), row.getLong("failing_streak"), row.getString("health_log")),
                row.getString("config"),
                row.getString("host_config"),
                row.getString("entrypoint"),
                row.getString("command"),
                row.getString("log_type"),
                row.getString("mounts"),
                row.getString("mountpoints"),
                row.getString("asked"),
                row.getString("network"),
                row.getString("execs"),
                row.getString("links"));
    }

    List<PlannedMount> plannedMounts() {
        return mounts.equals("[]") ? List.of() : StoredJson.list(mounts, PlannedMount.class);
    }
}
