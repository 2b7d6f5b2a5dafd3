package dev.gantry.container.volume;

import dev.gantry.agent.api.ContainerOperations;
import dev.gantry.container.state.Operation;
import dev.gantry.container.state.StoredJson;
import dev.gantry.engine.container.VolumeRecords;
import dev.gantry.engine.principal.Actor;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.UUID;
import org.hibernate.annotations.ColumnTransformer;

/** A row of {@code container.volumes}: a directory on one host. */
@Entity(name = "VolumeEntity")
@Table(schema = "container", name = "volumes")
public class VolumeEntity {
    @Id
    public String name;

    @Column(name = "host_id")
    public String hostId;

    public String driver;

    @ColumnTransformer(read = "labels #>> '{}'", write = StoredJson.WRITE)
    public String labels;

    @ColumnTransformer(read = "options #>> '{}'", write = StoredJson.WRITE)
    public String options;

    public String mountpoint;

    @Column(name = "created_at")
    public Instant createdAt;

    public boolean anonymous;
    String operation;

    @Column(name = "operation_id")
    public UUID operationId;

    @Column(name = "operation_owner")
    public Integer operationOwner;

    /** Who asked for it; null when nobody did. */
    @Column(name = "operation_actor")
    public String operationActor;

    /** What is under way, or null. */
    public Operation operation() {
        return Operation.of(operation);
    }

    void begin(Operation what, UUID id, int owner) {
        operation = what.word();
        operationId = id;
        operationOwner = owner;
        operationActor = Actor.current();
    }

    void finishOperation() {
        operation = null;
        operationId = null;
        operationOwner = null;
        operationActor = null;
    }

    /** A directory of its host and nothing else: what it takes up can be told, and given back. */
    boolean isPlain() {
        return request().isPlain();
    }

    boolean isLocal() {
        return driver.equals(VolumeRequest.LOCAL);
    }

    VolumeRequest request() {
        return new VolumeRequest(driver, StoredJson.strings(options), null);
    }

    /** For its host. */
    ContainerOperations.VolumeSpec spec() {
        return new ContainerOperations.VolumeSpec(name, driver, request().options());
    }

    public VolumeRecords.Volume toRecord() {
        return new VolumeRecords.Volume(
                DateTimeFormatter.ISO_INSTANT.format(
                        createdAt.truncatedTo(ChronoUnit.SECONDS).atOffset(ZoneOffset.UTC)),
                driver,
                StoredJson.strings(labels),
                mountpoint,
                name,
                StoredJson.strings(options),
                "local",
                null,
                null);
    }
}
