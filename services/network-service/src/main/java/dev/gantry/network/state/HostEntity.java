package dev.gantry.network.state;

import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;

/** What network-service keeps of a host; its row is locked while ports are given away. */
@Entity(name = "NetworkHostEntity")
@Table(schema = "network", name = "hosts")
public class HostEntity {
    @Id
    public String id;

    public boolean ipv6;

    /** The last port of our choice that was given, or 0. */
    @Column(name = "last_port")
    public int lastPort;
}
