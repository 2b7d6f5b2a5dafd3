package dev.gantry.network.create;

import com.fasterxml.jackson.annotation.JsonFormat;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.gantry.engine.json.RequestJson;
import dev.gantry.engine.network.Network.ConfigReference;
import dev.gantry.engine.network.Network.Ipam;
import java.util.List;
import java.util.Map;

/**
 * Body of {@code POST /networks/create}. Names of fields are matched in any case, as by Go's decoder.
 *
 * @param driver empty for {@code bridge}
 * @param checkDuplicate counts for nothing: no two networks have one name
 * @param enableIpv4 null for true
 */
@JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
@JsonFormat(with = JsonFormat.Feature.ACCEPT_CASE_INSENSITIVE_PROPERTIES)
public record NetworkRequest(
        String name,
        String driver,
        String scope,
        boolean checkDuplicate,
        boolean internal,
        boolean attachable,
        boolean ingress,
        boolean configOnly,
        ConfigReference configFrom,
        @JsonProperty("IPAM") Ipam ipam,
        @JsonProperty("EnableIPv4") Boolean enableIpv4,
        @JsonProperty("EnableIPv6") boolean enableIpv6,
        Map<String, String> options,
        Map<String, String> labels) {

    private static final String STANDARD_DRIVER = "bridge";

    public NetworkRequest {
        name = text(name);
        driver = text(driver);
        scope = text(scope);
        configFrom = configFrom == null || configFrom.network() == null ? new ConfigReference("") : configFrom;
        ipam = ipam == null ? new Ipam("", null, List.of()) : ipam;
        ipam = ipam.config() == null ? new Ipam(ipam.driver(), ipam.options(), List.of()) : ipam;
        options = options == null ? Map.of() : options;
        labels = labels == null ? Map.of() : labels;
    }

    /** @throws dev.gantry.engine.EngineError.BadParameter for what is no such body */
    public static NetworkRequest parse(JsonNode body) {
        boolean none = body == null || body.isMissingNode() || body.isNull();
        return none
                ? RequestJson.convert(JsonNodeFactory.instance.objectNode(), NetworkRequest.class)
                : RequestJson.body(body, NetworkRequest.class);
    }

    String driverOrStandard() {
        return driver.isEmpty() ? STANDARD_DRIVER : driver;
    }

    private static String text(String value) {
        return value == null ? "" : value;
    }
}
