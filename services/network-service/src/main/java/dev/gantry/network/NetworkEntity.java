package dev.gantry.network;

import dev.gantry.agent.api.NetworkPlan;
import dev.gantry.engine.network.Networks.NetworkIdentity;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import org.hibernate.annotations.JdbcTypeCode;
import org.hibernate.type.SqlTypes;

/** A network of one host. The migration says what each column means. */
@Entity(name = "NetworkEntity")
@Table(schema = "network", name = "networks")
public class NetworkEntity {
    public static final String LOCAL = "local";

    @Id
    public String id;

    @Column(name = "host_id")
    public String hostId;

    public String name;
    public String driver;
    public boolean predefined;
    public String subnet;
    public String gateway;
    public String bridge;
    public int mtu;
    public boolean masquerade;
    public boolean icc;

    @JdbcTypeCode(SqlTypes.JSON)
    public Map<String, String> options = new HashMap<>();

    @JdbcTypeCode(SqlTypes.JSON)
    public Map<String, String> labels = new HashMap<>();

    @Column(name = "created_at")
    public Instant createdAt;

    /** Whether containers on it get addresses; not on {@code host} and {@code none}. */
    public boolean hasAddresses() {
        return subnet != null;
    }

    public NetworkIdentity identity() {
        return new NetworkIdentity(id, name, driver, LOCAL);
    }

    public NetworkPlan.Bridge plan() {
        return new NetworkPlan.Bridge(id, bridge, subnet, gateway, mtu, masquerade, icc);
    }

    public int prefixLength() {
        return Integer.parseInt(subnet.substring(subnet.indexOf('/') + 1));
    }
}
