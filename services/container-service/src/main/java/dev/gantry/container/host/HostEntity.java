package dev.gantry.container.host;

import dev.gantry.agent.api.HostDescription;
import dev.gantry.container.StoredJson;
import dev.gantry.engine.container.Hosts;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Duration;
import java.time.Instant;
import org.hibernate.annotations.ColumnTransformer;

/** A row of {@code container.hosts}. */
@Entity(name = "HostEntity")
@Table(schema = "container", name = "hosts")
public class HostEntity {
    /** An agent is heard of every ten seconds. */
    static final Duration REACHABLE_FOR = Duration.ofSeconds(30);

    @Id
    String id;

    String address;

    @ColumnTransformer(read = "description #>> '{}'", write = StoredJson.WRITE)
    String description;

    @Column(name = "last_seen")
    Instant lastSeen;

    /** Subject of the certificate that the host registers with; empty when it is on our own machine. */
    String certificate;

    void describe(HostDescription reported, String peer, Instant now) {
        id = reported.id();
        address = reported.address();
        certificate = peer;
        description = StoredJson.write(reported);
        lastSeen = now;
    }

    Hosts.Host toHost(Instant now) {
        return new Hosts.Host(
                StoredJson.read(description, HostDescription.class),
                lastSeen,
                Duration.between(lastSeen, now).compareTo(REACHABLE_FOR) < 0);
    }
}
