package dev.gantry.container.create;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.gantry.agent.api.settings.SettingsReloaded;
import dev.gantry.container.state.StoredJson;
import dev.gantry.engine.container.HostConfig;
import dev.gantry.engine.container.HostConfig.LogConfig;
import dev.gantry.engine.json.RequestJson;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.eclipse.microprofile.config.Config;

/**
 * What the operator has set for containers whose client says nothing: {@code gantry.containers.*}, dockerd's {@code
 * default-ulimits} and the like. As with dockerd 26 some of it is shown with the container from then on, and some only done.
 */
@ApplicationScoped
class ConfiguredDefaults {
    private final Config config;
    private volatile Values values;

    /** @param dns by the field of {@code HostConfig} */
    private record Values(
            LogConfig log,
            Map<String, String> ulimits,
            long shmSize,
            boolean init,
            String ipcMode,
            Optional<String> cgroupNamespace,
            boolean noNewPrivileges,
            Optional<String> cgroupParent,
            Map<String, List<String>> dns) {}

    ConfiguredDefaults(Config config) {
        this.config = config;
        ask();
    }

    void reloaded(@Observes SettingsReloaded event) {
        ask();
    }

    private void ask() {
        values = new Values(
                new LogConfig(text("log-driver"), byName(list("log-options"))),
                byName(list("ulimits")),
                Long.parseLong(text("shm-size")),
                Boolean.parseBoolean(text("init")),
                text("ipc-mode"),
                Optional.of(text("cgroupns-mode")).filter(mode -> !mode.isEmpty()),
                Boolean.parseBoolean(text("no-new-privileges")),
                Optional.of(text("cgroup-parent")).filter(parent -> !parent.isEmpty()),
                Map.of("Dns", list("dns"), "DnsSearch", list("dns-search"), "DnsOptions", list("dns-options")));
    }

    private String text(String key) {
        return config.getOptionalValue("gantry.containers." + key, String.class).orElse("");
    }

    private List<String> list(String key) {
        return config.getOptionalValue("gantry.containers." + key, String[].class)
                .map(List::of)
                .orElse(List.of());
    }

    private static Map<String, String> byName(List<String> pairs) {
        return pairs.stream()
                .map(pair -> pair.split("=", 2))
                .collect(Collectors.toMap(
                        pair -> pair[0], pair -> pair.length == 1 ? "" : pair[1], (one, other) -> other, TreeMap::new));
    }

    /** With what {@code docker inspect} shows of it. */
    HostConfig shown(HostConfig asked) {
        Values set = values;
        ObjectNode tree = (ObjectNode) StoredJson.tree(asked);
        boolean itsDriver = asked.logConfig().type().isEmpty()
                || asked.logConfig().type().equals(set.log().type());
        if (itsDriver) {
            Map<String, String> options = new TreeMap<>(set.log().config());
            options.putAll(asked.logConfig().config());
            tree.set("LogConfig", StoredJson.tree(new LogConfig(set.log().type(), options)));
        }
        addUlimits(asked, set.ulimits(), tree);
        if (asked.shmSize() == 0) {
            tree.put("ShmSize", set.shmSize());
        }
        if (asked.ipcMode().isEmpty() && !set.ipcMode().equals("private")) {
            tree.put("IpcMode", set.ipcMode());
        }
        if (asked.cgroupnsMode().isEmpty() && !asked.privileged()) {
            set.cgroupNamespace().ifPresent(mode -> tree.put("CgroupnsMode", mode));
        }
        return RequestJson.convert(tree, HostConfig.class);
    }

    private static void addUlimits(HostConfig asked, Map<String, String> ulimits, ObjectNode tree) {
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
        Values set = values;
        ObjectNode tree = (ObjectNode) StoredJson.tree(shown);
        if (shown.init() == null && set.init()) {
            tree.put("Init", true);
        }
        if (set.noNewPrivileges() && saysNothingOfPrivileges(shown)) {
            ArrayNode options =
                    tree.path("SecurityOpt") instanceof ArrayNode some ? some : tree.putArray("SecurityOpt");
            options.add("no-new-privileges");
        }
        if (shown.cgroupParent().isEmpty()) {
            set.cgroupParent().ifPresent(parent -> tree.put("CgroupParent", parent));
        }
        set.dns().forEach((field, values) -> {
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
