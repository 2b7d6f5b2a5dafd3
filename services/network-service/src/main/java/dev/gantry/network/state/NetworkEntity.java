package dev.gantry.network.state;

import dev.gantry.agent.api.NetworkState;
import dev.gantry.engine.network.Network;
import dev.gantry.network.address.IpFamily;
import dev.gantry.service.time.Nanoseconds;
import jakarta.persistence.Column;
import jakarta.persistence.Convert;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.hibernate.annotations.JdbcTypeCode;
import org.hibernate.type.SqlTypes;

/** A network of the cluster; what a host has of it is a {@link NetworkOnHost}. The migration says what each column means. */
@Entity(name = "NetworkEntity")
@Table(schema = "network", name = "networks")
public class NetworkEntity {
    public static final String LOCAL = "local";

    /** What dockerd calls auxiliary addresses that are more than reserved. */
    private static final Map<IpFamily, String> ROUTERS =
            Map.of(IpFamily.V4, "DefaultGatewayIPv4", IpFamily.V6, "DefaultGatewayIPv6");

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

    @Column(name = "enable_ipv4")
    public boolean enableIpv4 = true;

    @Column(name = "enable_ipv6")
    public boolean enableIpv6;

    public String subnet;
    public String gateway;

    @Column(name = "pool_given")
    public boolean poolGiven;

    @Column(name = "ip_range")
    public String ipRange;

    public String subnet6;
    public String gateway6;

    @Column(name = "pool6_given")
    public boolean pool6Given;

    @Column(name = "ip_range6")
    public String ipRange6;

    public String[] reserved = {};
    public String[] further = {};
    public String bridge;

    @JdbcTypeCode(SqlTypes.JSON)
    public Network.Ipam ipam;

    @JdbcTypeCode(SqlTypes.JSON)
    public Map<String, String> options = new HashMap<>();

    @JdbcTypeCode(SqlTypes.JSON)
    public Map<String, String> labels = new HashMap<>();

    @Column(name = "created_at")
    @Convert(converter = Nanoseconds.class)
    public Instant createdAt;

    /**
     * What the network has of a family, the same on each host.
     *
     * @param given whether the client chose the subnet: then it may choose addresses, too
     * @param range part of the subnet from which addresses are given
     */
    public record Addresses(String subnet, String gateway, boolean given, String range) {
        /** As {@link #further} has it: what is further is always given. */
        private static Addresses of(String text) {
            String[] parts = text.split(" ");
            return new Addresses(parts[0], parts[1], true, parts[2]);
        }

        String text() {
            return subnet + " " + gateway + " " + range;
        }
    }

    /** Adds subnets to the first of their family. */
    public void addFurther(List<Addresses> subnets) {
        further = Stream.concat(Stream.of(further), subnets.stream().map(Addresses::text))
                .toArray(String[]::new);
    }

    /** Those beyond the first of the family. */
    List<Addresses> further(IpFamily family) {
        return Stream.of(further)
                .map(Addresses::of)
                .filter(one -> IpFamily.of(one.subnet()) == family)
                .toList();
    }

    /** All of the family, the same on each host. */
    public List<Addresses> subnets(IpFamily family) {
        return Stream.concat(addresses(family).stream(), further(family).stream())
                .toList();
    }

    /** The first of the family. Empty where it has none, and where each host has some of its own. */
    public Optional<Addresses> addresses(IpFamily family) {
        Addresses own = family == IpFamily.V4
                ? new Addresses(subnet, gateway, poolGiven, ipRange == null ? subnet : ipRange)
                : new Addresses(subnet6, gateway6, pool6Given, ipRange6 == null ? subnet6 : ipRange6);
        return Optional.of(own).filter(some -> some.subnet() != null);
    }

    /** Whether it has addresses that are the same on each host. */
    public boolean hasSubnet() {
        return subnet != null || subnet6 != null;
    }

    /** Whether containers get addresses of the family. */
    public boolean has(IpFamily family) {
        return family == IpFamily.V4 ? enableIpv4 : enableIpv6;
    }

    /** Whether anything beyond the network is reached through it. */
    public boolean leadsOut() {
        boolean nowhere =
                driver() instanceof Driver.Shared shared && shared.parent().isEmpty();
        return !internal && !nowhere;
    }

    /** How what is beyond it is reached. */
    public NetworkState.Mode mode(IpFamily family) {
        return driver() instanceof Driver.Bridge bridge ? bridge.modes().get(family) : NetworkState.Mode.NAT;
    }

    /** Whether what is beyond it is reached without a router. */
    public boolean isLinkOnly() {
        return driver() instanceof Driver.Shared shared && shared.isLinkOnly();
    }

    public boolean hasRouter() {
        return leadsOut() && !isLinkOnly();
    }

    /** Another router of the family than the bridge, which has an address of its own; empty for none. */
    public Optional<String> otherRouter(IpFamily family) {
        if (ipam == null || !(driver() instanceof Driver.Bridge)) {
            return Optional.empty();
        }
        return ipam.config().stream()
                .filter(pool -> IpFamily.of(pool.subnet()) == family && pool.auxiliaryAddresses() != null)
                .flatMap(pool -> Stream.ofNullable(pool.auxiliaryAddresses().get(ROUTERS.get(family))))
                .flatMap(address -> family.address(address).stream())
                .map(family::text)
                .findFirst();
    }

    public Driver driver() {
        return Driver.of(driver, options);
    }
}
