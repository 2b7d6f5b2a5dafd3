package dev.gantry.cluster;

import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;

/** A row of {@code cluster.hosts}. */
@Entity(name = "HostEntity")
@Table(schema = ClusterSchema.NAME, name = "hosts")
class HostEntity {
    @Id
    String id;

    /** JSON, as the agent told it. */
    String description;

    @Column(name = "last_seen")
    Instant lastSeen;

    /** Subject of the certificate that the host registers with; empty when it is on our own machine. */
    String certificate;
}
