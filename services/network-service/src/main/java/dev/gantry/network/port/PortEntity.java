package dev.gantry.network.port;

import dev.gantry.agent.api.NetworkPlan.PublishedPort;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.util.UUID;

/** A run of ports of a host that lead to a container. */
@Entity(name = "PortEntity")
@Table(schema = "network", name = "ports")
public class PortEntity {
    @Id
    public UUID id;

    @Column(name = "host_id")
    public String hostId;

    @Column(name = "container_id")
    public String containerId;

    @Column(name = "container_port")
    public int containerPort;

    public String protocol;

    @Column(name = "host_ip")
    public String hostIp;

    @Column(name = "host_port")
    public int hostPort;

    public int count;

    static PortEntity of(String hostId, String containerId, PublishedPort port) {
        PortEntity row = new PortEntity();
        row.id = UUID.randomUUID();
        row.hostId = hostId;
        row.containerId = containerId;
        row.containerPort = port.containerPort();
        row.protocol = port.protocol();
        row.hostIp = port.hostIp();
        row.hostPort = port.hostPort();
        row.count = port.count();
        return row;
    }

    public PublishedPort published() {
        return new PublishedPort(protocol, hostIp, hostPort, containerPort, count);
    }
}
