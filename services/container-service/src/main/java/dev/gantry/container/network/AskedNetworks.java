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
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The networks that a container is to be on, and what it asked for there: the column {@code endpoints}, as {@code inspect}
 * shows it of one that does not run. By their names, or by a client's word for one that was not there then; with the
 * network's id and the container's names on it once it has been there.
 */
public final class AskedNetworks {
    private static final TypeReference<LinkedHashMap<String, EndpointSettings>> COLUMN = new TypeReference<>() {};
    /** What options of the drivers themselves begin with; whatever else a client writes is for itself. */
    private static final String DRIVER_OPTION = "com.docker.network.";

    private static final Set<String> PREDEFINED = Set.of("bridge", "host", "none");
    private static final Pattern BEGINNING_OF_ID = Pattern.compile("[0-9a-f]{1,64}");
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

    /**
     * What a new container is to be on, by the words of its client: where it names no networks, that of its mode. An id in
     * the settings comes before the name that they have, as with dockerd.
     */
    public static Map<String, EndpointSettings> ofNew(String mode, Map<String, EndpointSettings> asked) {
        if (mode.startsWith("container:")) {
            return Map.of();
        }
        Map<String, EndpointSettings> all = new LinkedHashMap<>();
        asked.forEach((network, settings) -> all.put(
                settings.networkId().isEmpty() ? named(network, mode) : settings.networkId(), settings.on("", null)));
        if (all.isEmpty()) {
            all.put(named(mode), NOTHING);
        }
        return all;
    }

    /** The same by names, where they are known. */
    public static Map<String, EndpointSettings> byName(
            Map<String, EndpointSettings> asked, Map<String, Networks.Found> known) {
        Map<String, EndpointSettings> all = new LinkedHashMap<>();
        asked.forEach((word, settings) ->
                all.putIfAbsent(known.containsKey(word) ? known.get(word).name() : word, settings));
        return all;
    }

    /** The name of the network that is meant by a mode. */
    public static String named(String mode) {
        return isStandard(mode) ? "bridge" : mode;
    }

    /** The same of a network beside a mode: what is one as a mode only, is none elsewhere. */
    public static String named(String network, String mode) {
        return isStandard(mode) && network.equals("default") ? "bridge" : network;
    }

    private static boolean isStandard(String mode) {
        return mode.isEmpty() || mode.equals("default");
    }

    /** Whether a word may stand for a network's id. */
    public static boolean mayBeId(String word) {
        return BEGINNING_OF_ID.matcher(word).matches();
    }

    public static boolean isPredefined(String name) {
        return PREDEFINED.contains(name);
    }

    /** @throws EngineError for what no network can give */
    public static void check(EndpointSettings asked) {
        if (!asked.macAddress().isEmpty()) {
            MacAddress.canonical(asked.macAddress());
        }
        if (asked.driverOpts() != null) {
            asked.driverOpts().keySet().stream()
                    .filter(option -> option.startsWith(DRIVER_OPTION))
                    .findFirst()
                    .ifPresent(option -> {
                        throw new EngineError.NotSupported("the endpoint option " + option + " is not supported yet");
                    });
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

    /** @param names by which others will find it there; null while it runs: it gets them with its endpoint */
    void put(Networks.Found network, EndpointSettings settings, List<String> names) {
        remove(network);
        byNetwork.put(network.name(), settings.on("", names));
    }

    /**
     * Also takes one of the same name that is no more.
     *
     * @return whether it was there
     */
    boolean remove(Networks.Found network) {
        return byNetwork.remove(key(network.id(), network.name()).orElse(network.name())) != null;
    }

    /** Takes one by a word of the column itself, or the id that stands there: the network is no more. */
    boolean remove(String word) {
        return byNetwork.remove(word) != null
                || mayBeId(word) && byNetwork.values().removeIf(settings -> isBeginning(word, settings.networkId()));
    }

    /** Writes into the row of a container which networks it is on, and by which names it is found there. */
    public static void got(ContainerEntity row, Networks.Attachment attachment) {
        AskedNetworks asked = of(row);
        Map<String, EndpointSettings> now = new LinkedHashMap<>(asked.byNetwork);
        for (Networks.AttachedEndpoint endpoint : attachment.endpoints()) {
            asked.key(endpoint.networkId(), endpoint.networkName()).ifPresent(word -> {
                EndpointSettings settings = now.remove(word);
                now.put(endpoint.networkName(), settings.on(endpoint.networkId(), endpoint.dnsNames()));
            });
        }
        if (!now.equals(asked.byNetwork)) {
            row.endpoints = StoredJson.write(now);
        }
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
        return key(byNetwork, id, name);
    }

    /** The word for a network: where its id is known, nothing else counts. */
    private static Optional<String> key(Map<String, EndpointSettings> byNetwork, String id, String name) {
        EndpointSettings named = byNetwork.get(name);
        if (named != null && (named.networkId().isEmpty() || named.networkId().equals(id))) {
            return Optional.of(name);
        }
        return byNetwork.entrySet().stream()
                .filter(one -> one.getValue().networkId().isEmpty()
                        ? isBeginning(one.getKey(), id)
                        : one.getValue().networkId().equals(id))
                .map(Map.Entry::getKey)
                .findFirst();
    }

    /** What is asked for on a network, or null. */
    public static EndpointSettings of(Map<String, EndpointSettings> byNetwork, String id, String name) {
        return key(byNetwork, id, name).map(byNetwork::get).orElse(null);
    }

    private static boolean isBeginning(String word, String id) {
        return word.length() >= SHORTEST_ID && id.startsWith(word);
    }
}
