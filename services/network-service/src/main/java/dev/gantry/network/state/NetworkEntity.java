package dev.gantry.network.state;

import dev.gantry.engine.network.Network;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import org.hibernate.annotations.JdbcTypeCode;
import org.hibernate.type.SqlTypes;

/** A network of the cluster; what a host has of it is a {@link NetworkOnHost}. The migration says what each column means. */
@Entity(name = "NetworkEntity")
@Table(schema = "network", name = "networks")
public class NetworkEntity {
    public static final String LOCAL = "local";

    @Id
    public String id;

    public String name;
    public String driver;
    public boolean predefined;
    public String scope = LOCAL;
    public boolean internal;
    public boolean attachable;

    @Column(name = "config_only")
    public boolean configOnly;

    @Column(name = "config_from")
    public String configFrom;

    public String subnet;
    public String gateway;

    @Column(name = "pool_given")
    public boolean poolGiven;

    @Column(name = "ip_range")
    public String ipRange;

    public String[] reserved = {};
    public String bridge;

    @JdbcTypeCode(SqlTypes.JSON)
    public Network.Ipam ipam;

    @JdbcTypeCode(SqlTypes.JSON)
    public Map<String, String> options = new HashMap<>();

    @JdbcTypeCode(SqlTypes.JSON)
    public Map<String, String> labels = new HashMap<>();

    @Column(name = "created_at")
    public Instant createdAt;

    public Driver driver() {
        return Driver.of(driver, options);
    }
}
