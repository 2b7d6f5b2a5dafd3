package dev.gantry.engine.network;

import com.fasterxml.jackson.annotation.JsonFormat;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * The API's {@code Network}.
 *
 * @param containers by container id; filled by {@code inspect}, empty in lists
 */
@JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
public record Network(
        String name,
        String id,
        Instant created,
        String scope,
        String driver,
        @JsonProperty("EnableIPv4") boolean enableIpv4,
        @JsonProperty("EnableIPv6") boolean enableIpv6,
        @JsonProperty("IPAM") Ipam ipam,
        boolean internal,
        boolean attachable,
        boolean ingress,
        ConfigReference configFrom,
        boolean configOnly,
        Map<String, Endpoint> containers,
        Map<String, String> options,
        Map<String, String> labels) {

    /** Address management; {@code config} has one entry for each subnet. */
    @JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
    @JsonFormat(with = JsonFormat.Feature.ACCEPT_CASE_INSENSITIVE_PROPERTIES)
    public record Ipam(String driver, Map<String, String> options, List<IpamConfig> config) {}

    /**
     * A subnet, as the client gave it or as it was chosen.
     *
     * @param ipRange part of the subnet, in CIDR form, from which containers get their addresses; null for all of it
     * @param auxiliaryAddresses addresses that no container gets, by what has them
     */
    @JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
    @JsonInclude(JsonInclude.Include.NON_EMPTY)
    @JsonFormat(with = JsonFormat.Feature.ACCEPT_CASE_INSENSITIVE_PROPERTIES)
    public record IpamConfig(
            String subnet,
            @JsonProperty("IPRange") String ipRange,
            String gateway,
            Map<String, String> auxiliaryAddresses) {
        public IpamConfig(String subnet, String gateway) {
            this(subnet, null, gateway, null);
        }
    }

    @JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
    @JsonFormat(with = JsonFormat.Feature.ACCEPT_CASE_INSENSITIVE_PROPERTIES)
    public record ConfigReference(String network) {}

    /** Answer to {@code POST /networks/create}. */
    @JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
    public record Created(String id, String warning) {}

    /** @param networksDeleted their names; null when there were none */
    @JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
    public record Pruned(List<String> networksDeleted) {}

    /** The API's {@code NetworkContainer}; addresses in CIDR form. */
    @JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
    public record Endpoint(
            String name,
            @JsonProperty("EndpointID") String endpointId,
            String macAddress,
            @JsonProperty("IPv4Address") String ipv4Address,
            @JsonProperty("IPv6Address") String ipv6Address) {}
}
