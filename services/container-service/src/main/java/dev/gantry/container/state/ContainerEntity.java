package dev.gantry.container.state;

import dev.gantry.agent.api.Report;
import dev.gantry.engine.container.ContainerConfig;
import dev.gantry.engine.container.HostConfig;
import dev.gantry.engine.network.Networks;
import dev.gantry.engine.principal.Actor;
import dev.gantry.service.time.Nanoseconds;
import jakarta.persistence.Column;
import jakarta.persistence.Convert;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.hibernate.annotations.ColumnTransformer;
import org.hibernate.annotations.DynamicUpdate;

/** A row of {@code container.containers}; the migration tells what each column means and who writes it. */
@Entity(name = "ContainerEntity")
@Table(schema = "container", name = "containers")
@DynamicUpdate
public class ContainerEntity {
    @Id
    public String id;

    @Column(name = "host_id")
    public String hostId;

    public String name;

    @Column(name = "created_at")
    @Convert(converter = Nanoseconds.class)
    public Instant createdAt;

    @Column(name = "image_id")
    public String imageId;

    @Column(name = "image_reference")
    public String imageReference;

    public String platform;

    @ColumnTransformer(read = "config #>> '{}'", write = StoredJson.WRITE)
    String config;

    @Column(name = "host_config")
    @ColumnTransformer(read = "host_config #>> '{}'", write = StoredJson.WRITE)
    String hostConfig;

    @Column(name = "host_config_to_be")
    @ColumnTransformer(read = "host_config_to_be #>> '{}'", write = StoredJson.WRITE)
    String hostConfigToBe;

    /** Endpoint settings asked for, by network. */
    @ColumnTransformer(read = "endpoints #>> '{}'", write = StoredJson.WRITE)
    public String endpoints;

    @ColumnTransformer(read = "mounts #>> '{}'", write = StoredJson.WRITE)
    public String mounts;

    @ColumnTransformer(read = "chains #>> '{}'", write = StoredJson.WRITE)
    public String chains;

    @ColumnTransformer(read = "labels #>> '{}'", write = StoredJson.WRITE)
    String labels;

    public String command;

    @Column(name = "network_mode")
    public String networkMode;

    @Column(name = "linked_to", insertable = false, updatable = false)
    public boolean linkedTo;

    @Column(name = "auto_remove")
    public boolean autoRemove;

    String desired;
    String operation;

    @Column(name = "operation_id")
    public UUID operationId;

    @Column(name = "operation_owner")
    public Integer operationOwner;

    /** Who asked for it; null when nobody did. */
    @Column(name = "operation_actor")
    public String operationActor;

    @Column(name = "remove_volumes")
    public boolean removeVolumes;

    @ColumnTransformer(read = "network #>> '{}'", write = StoredJson.WRITE)
    public String network;

    String observed;

    @Column(name = "observed_epoch")
    public long observedEpoch;

    @Column(name = "observed_sequence")
    public long observedSequence;

    int pid;

    @Column(name = "exit_code")
    int exitCode;

    /** How often the main process has ended. */
    public long exits;

    @Column(name = "oom_killed")
    boolean oomKilled;

    String error;

    @Column(name = "started_at")
    @Convert(converter = Nanoseconds.class)
    Instant startedAt;

    @Column(name = "finished_at")
    @Convert(converter = Nanoseconds.class)
    Instant finishedAt;

    @Column(name = "restart_count")
    int restartCount;

    @Column(name = "network_namespace")
    public String networkNamespace = "";

    /** Whether the host does. */
    @Column(name = "health_checked")
    public boolean healthChecked;

    @Column(name = "health_status")
    String healthStatus = HealthRecord.NONE;

    @Column(name = "failing_streak")
    long failingStreak;

    @Column(name = "health_log")
    String healthLog = "[]";

    /** What the host last reported, whatever is decided about the container since. */
    public ContainerState observed() {
        return ObservedState.of(
                observed, new History(startedAt, finishedAt, exitCode, oomKilled, error, restartCount), pid);
    }

    public ContainerState state() {
        ContainerState seen = observed();
        return desired() == Desired.REMOVED ? new ContainerState.Removing(seen) : seen;
    }

    public void become(ContainerState state) {
        ContainerState seen = state instanceof ContainerState.Removing removing ? removing.before() : state;
        History history = seen.history();
        if (healthChecked) {
            become(healthIn(seen));
        }
        observed = seen.word();
        pid = ObservedState.pid(seen);
        startedAt = history.startedAt();
        finishedAt = history.finishedAt();
        exitCode = history.exitCode();
        oomKilled = history.oomKilled();
        error = history.error();
        restartCount = history.restartCount();
    }

    /** As the agent has it, which does not report what follows from a start, a pause or an end. */
    private HealthRecord healthIn(ContainerState next) {
        return switch (next) {
            case ContainerState.Running running ->
                observed() instanceof ContainerState.Paused ? health() : health().started();
            case ContainerState.Created created -> health();
            default -> health().unchecked();
        };
    }

    public HealthRecord health() {
        return new HealthRecord(healthStatus, failingStreak, healthLog);
    }

    /** What a check has found. */
    public void checked(Report.Health found) {
        become(health().after(found));
    }

    private void become(HealthRecord health) {
        healthStatus = health.status();
        failingStreak = health.failingStreak();
        healthLog = health.log();
    }

    public void describe(ContainerConfig merged, HostConfig host, Map<String, String> allLabels) {
        config = StoredJson.write(merged);
        hostConfig = StoredJson.write(host);
        labels = StoredJson.write(allLabels);
        networkMode = host.networkMode();
        autoRemove = host.autoRemove();
    }

    /** What a new row has in its columns, by the names of parameters; all others have their defaults. */
    public Map<String, Object> columns() {
        return Map.ofEntries(
                Map.entry("id", id),
                Map.entry("host", hostId),
                Map.entry("name", name),
                Map.entry("created", Nanoseconds.of(createdAt)),
                Map.entry("image", imageId),
                Map.entry("reference", imageReference),
                Map.entry("platform", platform),
                Map.entry("config", config),
                Map.entry("hostConfig", hostConfig),
                Map.entry("endpoints", endpoints),
                Map.entry("mounts", mounts),
                Map.entry("chains", chains),
                Map.entry("labels", labels),
                Map.entry("command", command),
                Map.entry("networkMode", networkMode),
                Map.entry("autoRemove", autoRemove),
                Map.entry("desired", desired),
                Map.entry("operation", operation),
                Map.entry("operationId", operationId),
                Map.entry("owner", operationOwner),
                Map.entry("observed", observed),
                Map.entry("healthChecked", healthChecked));
    }

    public ContainerConfig config() {
        return StoredJson.read(config, ContainerConfig.class);
    }

    public HostConfig hostConfig() {
        return StoredJson.read(hostConfig, HostConfig.class);
    }

    public void hostConfig(HostConfig changed) {
        hostConfig = StoredJson.write(changed);
    }

    /** What it gets by the update that is under way. */
    public HostConfig hostConfigToBe() {
        return StoredJson.read(hostConfigToBe, HostConfig.class);
    }

    public void hostConfigToBe(HostConfig wanted) {
        hostConfigToBe = StoredJson.write(wanted);
    }

    /** The update has come to its end; {@code applied} tells whether the host has it. */
    public void endUpdate(boolean applied) {
        if (applied) {
            hostConfig = hostConfigToBe;
        }
        hostConfigToBe = null;
        finishOperation();
    }

    public Map<String, String> labels() {
        return StoredJson.strings(labels);
    }

    public List<PlannedMount> mounts() {
        return StoredJson.list(mounts, PlannedMount.class);
    }

    /** What it is attached to, or null. */
    public Networks.Attachment attachment() {
        return network == null ? null : StoredJson.read(network, Networks.Attachment.class);
    }

    public Desired desired() {
        return Desired.of(desired);
    }

    public void desire(Desired what) {
        desired = what.word();
    }

    /** What is under way, or null. */
    public Operation operation() {
        return Operation.of(operation);
    }

    public void begin(Operation what, UUID id, int owner) {
        operation = what.word();
        operationId = id;
        operationOwner = owner;
        operationActor = Actor.current();
    }

    public void finishOperation() {
        operation = null;
        operationId = null;
        operationOwner = null;
        operationActor = null;
    }

    /** The first twelve digits, as clients show it. */
    public String shortId() {
        return id.substring(0, 12);
    }
}
