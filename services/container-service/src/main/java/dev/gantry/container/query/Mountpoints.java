package dev.gantry.container.query;

import dev.gantry.container.state.PlannedMount;
import dev.gantry.container.state.StoredJson;
import dev.gantry.engine.container.MountPoint;
import java.util.List;
import java.util.Map;

/** A container's mounts with the directories of its volumes. */
final class Mountpoints {
    /** Of the row {@code c}: an object of directories by volume, null for a container without volumes. */
    static final String COLUMN = "case when mounts::text <> '[]' then"
            + " (select json_object_agg(v.name, v.mountpoint)::text from container.volume_uses u"
            + " join container.volumes v on v.name = u.volume_name where u.container_id = c.id) end as mountpoints";

    private Mountpoints() {}

    static List<MountPoint> points(List<PlannedMount> mounts, String mountpoints) {
        Map<String, String> directories = mountpoints == null ? Map.of() : StoredJson.strings(mountpoints);
        return mounts.stream()
                .filter(PlannedMount::isInspected)
                .map(mount -> mount.toPoint(directories.getOrDefault(mount.source(), "")))
                .toList();
    }
}
