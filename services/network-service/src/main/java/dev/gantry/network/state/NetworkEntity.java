package dev.gantry.network.state;

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
    String driver;
    public boolean predefined;
    public String subnet;
    public String gateway;

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
