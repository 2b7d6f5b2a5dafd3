package dev.gantry.network.endpoint;

import dev.gantry.engine.network.Networks.AttachedEndpoint;
import dev.gantry.network.NetworkEntity;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.hibernate.annotations.JdbcTypeCode;
import org.hibernate.type.SqlTypes;

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

    public String address;

    @Column(name = "mac_address")
    public String macAddress;

    @JdbcTypeCode(SqlTypes.JSON)
    public List<String> aliases = new ArrayList<>();

    @Column(name = "connected_at")
    public Instant connectedAt;

    public AttachedEndpoint attached(NetworkEntity network) {
        return network.hasAddresses()
                ? new AttachedEndpoint(
                        network.name,
                        network.id,
                        id,
                        network.gateway,
                        address,
                        network.prefixLength(),
                        macAddress,
                        List.copyOf(aliases))
                : new AttachedEndpoint(network.name, network.id, id, "", "", 0, "", List.copyOf(aliases));
    }
}
