package dev.gantry.network.state;

import dev.gantry.engine.network.Networks.AttachedEndpoint;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.List;
import java.util.UUID;

/** A container's attachment to a network. The migration says what each column means. */
@Entity(name = "EndpointEntity")
@Table(schema = "network", name = "endpoints")
public class EndpointEntity {
    @Id
    public String id;

    @Column(name = "network_id")
    public String networkId;

    @Column(name = "host_id")
    public String hostId;

    @Column(name = "container_id")
    public String containerId;

    @Column(name = "container_name")
    public String containerName;

    @Column(name = "interface_name")
    public String interfaceName;

    public String pool;
    public String address;
    public String address6;

    @Column(name = "link_local")
    public String[] linkLocal = {};

    @Column(name = "mac_address")
    public String macAddress;

    public String[] aliases = {};

    @Column(name = "connected_at")
    public Instant connectedAt;

    public UUID run;

    /**
     * @param place null on networks without addresses
     * @param names by which others find it; null for none
     */
    public AttachedEndpoint attached(NetworkEntity network, NetworkOnHost place, List<String> names) {
        if (place == null) {
            return new AttachedEndpoint(network.name, network.id, id, "", "", 0, "", "", 0, "", List.of(aliases), null);
        }
        return new AttachedEndpoint(
                network.name,
                network.id,
                id,
                address == null || !network.hasRouter() ? "" : place.gatewayOf(network, address),
                address == null ? "" : address,
                address == null ? 0 : place.prefixLength(network, address),
                address6 == null || !network.hasRouter() ? "" : place.gatewayOf(network, address6),
                address6 == null ? "" : address6,
                address6 == null ? 0 : place.prefixLength(network, address6),
                macAddress,
                List.of(aliases),
                names);
    }
}
