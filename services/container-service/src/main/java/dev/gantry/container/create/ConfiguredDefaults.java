package dev.gantry.container.create;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.gantry.container.state.StoredJson;
import dev.gantry.engine.container.HostConfig;
import dev.gantry.engine.container.HostConfig.LogConfig;
import dev.gantry.engine.json.RequestJson;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/**
 * What the operator has set for containers whose client says nothing: {@code gantry.containers.*}, dockerd's {@code
 * default-ulimits} and the like. As with dockerd 26 some of it is shown with the container from then on, and some only done.
 */
@ApplicationScoped
class ConfiguredDefaults {
    private final LogConfig log;
    private final Map<String, String> ulimits;
    private final long shmSize;
    private final boolean init;
    private final String ipcMode;
    private final Optional<String> cgroupNamespace;
    private final boolean noNewPrivileges;
    private final Optional<String> cgroupParent;
    private final Map<String, List<String>> dns;

    ConfiguredDefaults(
            @ConfigProperty(name = "gantry.containers.log-driver") String logDriver,
            @ConfigProperty(name = "gantry.containers.log-options") Optional<List<String>> logOptions,
            @ConfigProperty(name = "gantry.containers.ulimits") Optional<List<String>> ulimits,
            @ConfigProperty(name = "gantry.containers.shm-size") long shmSize,
            @ConfigProperty(name = "gantry.containers.init") boolean init,
            @ConfigProperty(name = "gantry.containers.ipc-mode") String ipcMode,
            @ConfigProperty(name = "gantry.containers.cgroupns-mode") Optional<String> cgroupNamespace,
            @ConfigProperty(name = "gantry.containers.no-new-privileges") boolean noNewPrivileges,
            @ConfigProperty(name = "gantry.containers.cgroup-parent") Optional<String> cgroupParent,
            @ConfigProperty(name = "gantry.containers.dns") Optional<List<String>> dns,
            @ConfigProperty(name = "gantry.containers.dns-search") Optional<List<String>> dnsSearch,
            @ConfigProperty(name = "gantry.containers.dns-options") Optional<List<String>> dnsOptions) {
        this.log = new LogConfig(logDriver, byName(logOptions));
        this.ulimits = byName(ulimits);
        this.shmSize = shmSize;
        this.init = init;
        this.ipcMode = ipcMode;
        this.cgroupNamespace = cgroupNamespace;
        this.noNewPrivileges = noNewPrivileges;
        this.cgroupParent = cgroupParent;
        this.dns = Map.of(
                "Dns", dns.orElse(List.of()),
                "DnsSearch", dnsSearch.orElse(List.of()),
                "DnsOptions", dnsOptions.orElse(List.of()));
    }

    private static Map<String, String> byName(Optional<List<String>> pairs) {
        return pairs.orElse(List.of()).stream()
                .map(pair -> pair.split("=", 2))
                .collect(Collectors.toMap(
                        pair -> pair[0], pair -> pair.length == 1 ? "" : pair[1], (one, other) -> other, TreeMap::new));
    }

    /** With what {@code docker inspect} shows of it. */
    HostConfig shown(HostConfig asked) {
        ObjectNode tree = (ObjectNode) StoredJson.tree(asked);
        boolean itsDriver =
                asked.logConfig().type().isEmpty() || asked.logConfig().type().equals(log.type());
        if (itsDriver) {
            Map<String, String> options = new TreeMap<>(log.config());
            options.putAll(asked.logConfig().config());
            tree.set("LogConfig", StoredJson.tree(new LogConfig(log.type(), options)));
        }
        addUlimits(asked, tree);
        if (asked.shmSize() == 0) {
            tree.put("ShmSize", shmSize);
        }
        if (asked.ipcMode().isEmpty() && !ipcMode.equals("private")) {
            tree.put("IpcMode", ipcMode);
        }
        if (asked.cgroupnsMode().isEmpty() && !asked.privileged()) {
            cgroupNamespace.ifPresent(mode -> tree.put("CgroupnsMode", mode));
        }
        return RequestJson.convert(tree, HostConfig.class);
    }

    private void addUlimits(HostConfig asked, ObjectNode tree) {
        Set<String> own = asked.ulimits() == null
                ? Set.of()
                : asked.ulimits().stream().map(HostConfig.Ulimit::name).collect(Collectors.toSet());
        ArrayNode all = tree.path("Ulimits") instanceof ArrayNode some ? some : tree.putArray("Ulimits");
        ulimits.forEach((name, limits) -> {
            if (!own.contains(name)) {
                String[] values = limits.split(":");
                all.addObject()
                        .put("Name", name)
                        .put("Soft", Long.parseLong(values[0]))
                        .put("Hard", Long.parseLong(values[values.length - 1]));
            }
        });
        if (all.isEmpty() && asked.ulimits() == null) {
            tree.putNull("Ulimits");
        }
    }

    /** With what is done besides, for the host alone. */
    HostConfig done(HostConfig shown) {
        ObjectNode tree = (ObjectNode) StoredJson.tree(shown);
        if (shown.init() == null && init) {
            tree.put("Init", true);
        }
        if (noNewPrivileges && saysNothingOfPrivileges(shown)) {
            ArrayNode options =
                    tree.path("SecurityOpt") instanceof ArrayNode some ? some : tree.putArray("SecurityOpt");
            options.add("no-new-privileges");
        }
        if (shown.cgroupParent().isEmpty()) {
            cgroupParent.ifPresent(parent -> tree.put("CgroupParent", parent));
        }
        dns.forEach((field, values) -> {
            if (!values.isEmpty() && tree.path(field).isEmpty()) {
                values.forEach(tree.putArray(field)::add);
            }
        });
        return RequestJson.convert(tree, HostConfig.class);
    }

    private static boolean saysNothingOfPrivileges(HostConfig host) {
        return host.securityOpt() == null
                || host.securityOpt().stream().noneMatch(option -> option.startsWith("no-new-privileges"));
    }
}
