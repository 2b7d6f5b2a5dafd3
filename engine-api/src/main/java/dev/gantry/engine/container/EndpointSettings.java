package dev.gantry.engine.container;

import com.fasterxml.jackson.annotation.JsonFormat;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.util.List;
import java.util.Map;

/** The API's {@code EndpointSettings}: what a client wants of an attachment, and what it got. */
@JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
@JsonFormat(with = JsonFormat.Feature.ACCEPT_CASE_INSENSITIVE_PROPERTIES)
public record EndpointSettings(
        @JsonProperty("IPAMConfig") IpamConfig ipamConfig,
        List<String> links,
        List<String> aliases,
        String macAddress,
        Map<String, String> driverOpts,
        long gwPriority,
        @JsonProperty("NetworkID") String networkId,
        @JsonProperty("EndpointID") String endpointId,
        String gateway,
        @JsonProperty("IPAddress") String ipAddress,
        @JsonProperty("IPPrefixLen") int ipPrefixLen,
        @JsonProperty("IPv6Gateway") String ipv6Gateway,
        @JsonProperty("GlobalIPv6Address") String globalIpv6Address,
        @JsonProperty("GlobalIPv6PrefixLen") int globalIpv6PrefixLen,
        @JsonProperty("DNSNames") List<String> dnsNames) {

    public EndpointSettings {
        macAddress = macAddress == null ? "" : macAddress;
        networkId = networkId == null ? "" : networkId;
        endpointId = endpointId == null ? "" : endpointId;
        gateway = gateway == null ? "" : gateway;
        ipAddress = ipAddress == null ? "" : ipAddress;
        ipv6Gateway = ipv6Gateway == null ? "" : ipv6Gateway;
        globalIpv6Address = globalIpv6Address == null ? "" : globalIpv6Address;
    }

    /** The same with an address of its own. */
    public EndpointSettings withMacAddress(String other) {
        return wanted(other, networkId, dnsNames);
    }

    /** The same with other aliases. */
    public EndpointSettings withAliases(List<String> others) {
        return new EndpointSettings(
                ipamConfig,
                links,
                others,
                macAddress,
                driverOpts,
                gwPriority,
                networkId,
                endpointId,
                gateway,
                ipAddress,
                ipPrefixLen,
                ipv6Gateway,
                globalIpv6Address,
                globalIpv6PrefixLen,
                dnsNames);
    }

    /**
     * What is wanted, of a network that is known.
     *
     * @param id empty before the container was on it
     * @param names by which others find it there; null for none
     */
    public EndpointSettings on(String id, List<String> names) {
        return wanted(macAddress, id, names);
    }

    /** The same without anything that it got. */
    private EndpointSettings wanted(String mac, String id, List<String> names) {
        return new EndpointSettings(
                ipamConfig, links, aliases, mac, driverOpts, gwPriority, id, "", "", "", 0, "", "", 0, names);
    }

    /** Addresses asked for. */
    @JsonInclude(JsonInclude.Include.NON_EMPTY)
    @JsonFormat(with = JsonFormat.Feature.ACCEPT_CASE_INSENSITIVE_PROPERTIES)
    public record IpamConfig(
            @JsonProperty("IPv4Address") String ipv4Address,
            @JsonProperty("IPv6Address") String ipv6Address,
            @JsonProperty("LinkLocalIPs") List<String> linkLocalIps) {}
}
