package dev.gantry.network.state;

import dev.gantry.agent.api.NetworkPlan;
import dev.gantry.agent.api.NetworkState;
import dev.gantry.network.address.IpFamily;
import dev.gantry.network.address.IpRange;
import dev.gantry.network.state.NetworkEntity.Addresses;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.IdClass;
import jakarta.persistence.Table;
import java.io.Serializable;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/** What a host has of a network: its bridge, and its own address there. The migration says what each column means. */
@Entity(name = "NetworkOnHost")
@Table(schema = "network", name = "networks_on_hosts")
@IdClass(NetworkOnHost.Key.class)
public class NetworkOnHost {
    @Id
    @Column(name = "network_id")
    public String networkId;

    @Id
    @Column(name = "host_id")
    public String hostId;

    public String bridge;
    public String subnet;
    public String gateway;
    public long version;

    /** The network was removed, and the host has not confirmed that it took this down. */
    public boolean gone;

    /** By which its row is found. */
    public static final class Key implements Serializable {
        private static final long serialVersionUID = 1;

        String networkId;
        String hostId;

        public Key() {}

        public Key(String networkId, String hostId) {
            this.networkId = networkId;
            this.hostId = hostId;
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Key key && key.networkId.equals(networkId) && key.hostId.equals(hostId);
        }

        @Override
        public int hashCode() {
            return Objects.hash(networkId, hostId);
        }
    }

    /** A new place, on a host that has none yet, of a network whose subnet is its own. */
    public static NetworkOnHost of(NetworkEntity network, String hostId) {
        NetworkOnHost place = new NetworkOnHost();
        place.networkId = network.id;
        place.hostId = hostId;
        place.bridge = network.driver() instanceof Driver.Shared shared ? interfaceOf(network, shared) : network.bridge;
        place.subnet = network.subnet;
        place.gateway = network.gateway;
        place.version = 1;
        return place;
    }

    /** All that the host must know of the network. */
    public NetworkState state(NetworkEntity network) {
        return new NetworkState(
                networkId,
                version,
                link(network),
                Stream.of(IpFamily.values())
                        .flatMap(family -> addresses(network, family).stream()
                                .map(addresses -> new NetworkState.Subnet(
                                        addresses.subnet(), addresses.gateway(), network.mode(family))))
                        .toList(),
                List.of(),
                List.of());
    }

    private NetworkState.Link link(NetworkEntity network) {
        return switch (network.driver()) {
            case Driver.Bridge driver ->
                new NetworkState.Bridge(
                        bridge, driver.mtu(), driver.masquerade(), driver.icc(), network.internal, network.predefined);
            case Driver.Shared driver ->
                new NetworkState.Parent(
                        bridge, driver.parent().isEmpty(), driver.word(), driver.mode(), driver.flag(), driver.mtu());
            default -> throw new IllegalStateException("nothing of network " + network.name + " is on hosts");
        };
    }

    private static String interfaceOf(NetworkEntity network, Driver.Shared driver) {
        return driver.parent().isEmpty() ? driver.dummyName(network.id) : driver.parent();
    }

    /**
     * As plans name it.
     *
     * @param address that a container has there
     */
    public NetworkPlan.Network reference(NetworkEntity network, String address) {
        String host = network.otherRouter(IpFamily.of(address)).isEmpty()
                ? ""
                : subnetOf(network, address).gateway();
        return new NetworkPlan.Network(networkId, version, network.name, host, network.internal);
    }

    /** What the host has of the network, which is its own where the network has none. */
    public Optional<Addresses> addresses(NetworkEntity network, IpFamily family) {
        return family == IpFamily.V4 && subnet != null
                ? Optional.of(new Addresses(
                        subnet, gateway, network.poolGiven, network.ipRange == null ? subnet : network.ipRange))
                : network.addresses(family);
    }

    /** All of the family, that of {@link #addresses} first. */
    public List<Addresses> subnets(NetworkEntity network, IpFamily family) {
        return Stream.concat(addresses(network, family).stream(), network.further(family).stream())
                .toList();
    }

    /** The one that an address is in. */
    public Addresses subnetOf(NetworkEntity network, String address) {
        return subnets(network, IpFamily.of(address)).stream()
                .filter(subnet -> IpRange.of(subnet.subnet()).contains(address))
                .findFirst()
                .orElseThrow();
    }

    /** To which a container with that address sends what is not on the network. */
    public String gatewayOf(NetworkEntity network, String address) {
        return network.otherRouter(IpFamily.of(address))
                .orElseGet(() -> subnetOf(network, address).gateway());
    }

    /** Of the subnet that the address is in. */
    public int prefixLength(NetworkEntity network, String address) {
        return IpRange.of(subnetOf(network, address).subnet()).prefix();
    }

    /** Within which an address is given once. */
    public String pool(NetworkEntity network) {
        return network.predefined ? networkId + "@" + hostId : networkId;
    }
}
