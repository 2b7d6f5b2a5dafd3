package dev.gantry.container.network;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.gantry.container.state.ContainerEntity;
import dev.gantry.container.state.StoredJson;
import dev.gantry.engine.EngineError;
import dev.gantry.engine.container.EndpointSettings;
import dev.gantry.engine.json.RequestJson;
import dev.gantry.engine.network.Networks;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The networks that a container is to be on, and what it asked for there: the column {@code endpoints}, by the name, the id
 * or the beginning of the id that a client wrote.
 */
public final class AskedNetworks {
    private static final TypeReference<LinkedHashMap<String, EndpointSettings>> COLUMN = new TypeReference<>() {};
    /** What options of the drivers themselves begin with; whatever else a client writes is for itself. */
    private static final String DRIVER_OPTION = "com.docker.network.";

    private static final Pattern MAC = Pattern.compile("(?i)[0-9a-f]{2}(:[0-9a-f]{2}){5}");
    private static final int SHORTEST_ID = 4;

    /** What a client asks for that says nothing. */
    public static final EndpointSettings NOTHING =
            RequestJson.convert(JsonNodeFactory.instance.objectNode(), EndpointSettings.class);

    private final Map<String, EndpointSettings> byNetwork;

    private AskedNetworks(Map<String, EndpointSettings> byNetwork) {
        this.byNetwork = byNetwork;
    }

    static AskedNetworks of(ContainerEntity container) {
        return new AskedNetworks(StoredJson.read(container.endpoints, COLUMN));
    }

    /** What a new container is to be on: where it names no networks, that of its mode. */
    public static Map<String, EndpointSettings> ofNew(
            String mode, String macAddress, Map<String, EndpointSettings> asked) {
        if (mode.startsWith("container:")) {
            return Map.of();
        }
        String main = named(mode);
        Map<String, EndpointSettings> all = new LinkedHashMap<>();
        asked.forEach((network, settings) -> all.put(named(network), settings));
        if (all.isEmpty()) {
            all.put(main, NOTHING);
        }
        // Clients before 1.44 give one address beside the endpoints, meant for the main network.
        all.computeIfPresent(
                main,
                (network, settings) -> macAddress == null
                                || macAddress.isEmpty()
                                || !settings.macAddress().isEmpty()
                        ? settings
                        : settings.withMacAddress(macAddress));
        return all;
    }

    private static String named(String network) {
        return network.isEmpty() || network.equals("default") ? "bridge" : network;
    }

    /** @throws EngineError for what no network can give */
    public static void check(EndpointSettings asked) {
        checkMacAddress(asked.macAddress());
        if (asked.driverOpts() != null) {
            asked.driverOpts().keySet().stream()
                    .filter(option -> option.startsWith(DRIVER_OPTION))
                    .findFirst()
                    .ifPresent(option -> {
                        throw new EngineError.NotSupported("the endpoint option " + option + " is not supported yet");
                    });
        }
    }

    /** @param address null and empty for none */
    public static void checkMacAddress(String address) {
        if (address != null && !address.isEmpty() && !MAC.matcher(address).matches()) {
            throw new EngineError.BadParameter("invalid MAC address " + address);
        }
    }

    boolean isEmpty() {
        return byNetwork.isEmpty();
    }

    boolean has(String name) {
        return byNetwork.containsKey(name);
    }

    boolean has(Networks.Found network) {
        return key(network.id(), network.name()).isPresent();
    }

    void put(Networks.Found network, EndpointSettings settings) {
        byNetwork.put(key(network.id(), network.name()).orElse(network.name()), settings);
    }

    /** @return whether it was there */
    boolean remove(Networks.Found network) {
        return key(network.id(), network.name()).map(byNetwork::remove).isPresent();
    }

    /** Takes a word of the column itself, for a network that is no more. */
    boolean remove(String word) {
        return byNetwork.remove(word) != null;
    }

    /** Forgets those that the container did not get. */
    void retain(Networks.Attachment attachment) {
        List<String> got = attachment == null
                ? List.of()
                : attachment.endpoints().stream()
                        .flatMap(endpoint -> key(endpoint.networkId(), endpoint.networkName()).stream())
                        .toList();
        byNetwork.keySet().retainAll(got);
    }

    String column() {
        return StoredJson.write(byNetwork);
    }

    private Optional<String> key(String id, String name) {
        return byNetwork.keySet().stream()
                .filter(word -> word.equals(name) || isBeginning(word, id))
                .findFirst();
    }

    private static boolean isBeginning(String word, String id) {
        return word.length() >= SHORTEST_ID && id.startsWith(word);
    }
}
