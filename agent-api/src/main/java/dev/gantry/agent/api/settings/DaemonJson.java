package dev.gantry.agent.api.settings;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * dockerd's own configuration file, in terms of our settings. Its keys are those of dockerd 26; of each either the setting
 * that means the same is made, or it says what is so anyway, or there is a notice, or it is refused: what keeps containers
 * in, or others out, is never left away with a notice.
 */
final class DaemonJson {
    private static final long LARGEST = 1 << 20;

    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY)
            .build();

    private static final String INVALID = "merged configuration validation from file and command line flags failed: ";

    /** What is not there, or is asked for with each container or network. */
    private static final Set<String> NOTHING_OF_THE_KIND = Set.of(
            "node-generic-resources",
            "cpu-rt-period",
            "cpu-rt-runtime",
            "bridge",
            "fixed-cidr",
            "fixed-cidr-v6",
            "default-gateway",
            "default-gateway-v6",
            "default-network-opts",
            "host-gateway-ip",
            "storage-opts",
            "cdi-spec-dirs",
            "builder",
            "http-proxy",
            "proxies",
            "allow-nondistributable-artifacts",
            "api-cors-header",
            "metrics-addr",
            "oom-score-adjust",
            "init-path",
            "mtu",
            "ipv6",
            "ip");

    /** Of dockerd's own process and its parts. */
    private static final Set<String> OF_DOCKERD = Set.of(
            "data-root",
            "exec-root",
            "pidfile",
            "containerd",
            "containerd-namespace",
            "containerd-plugin-namespace",
            "debug",
            "log-level",
            "log-format",
            "raw-logs",
            "shutdown-timeout",
            "experimental",
            "userland-proxy",
            "userland-proxy-path",
            "swarm-default-advertise-addr",
            "swarm-raft-heartbeat-tick",
            "swarm-raft-election-tick",
            "network-control-plane-mtu",
            "network-diagnostic-port",
            "max-download-attempts",
            "min-api-version",
            "rootless");

    private final Map<String, String> settings = new LinkedHashMap<>();
    private final List<String> notices = new ArrayList<>();
    private final Path file;

    private DaemonJson(Path file) {
        this.file = file;
    }

    /** @throws IllegalArgumentException in dockerd's words where it would not start either */
    static TakenOver read(Path file) {
        DaemonJson taken = new DaemonJson(file);
        taken.takeAll(taken.tree());
        return new TakenOver(Map.copyOf(taken.settings), List.copyOf(taken.notices));
    }

    private JsonNode tree() {
        try {
            if (Files.size(file) > LARGEST) {
                throw refused("it is larger than a MiB");
            }
            byte[] text = Files.readAllBytes(file);
            JsonNode tree = text.length == 0 ? JSON.createObjectNode() : JSON.readTree(text);
            if (!tree.isObject()) {
                throw refused(
                        "json: cannot unmarshal " + kind(tree) + " into Go value of type map[string]interface {}");
            }
            return tree;
        } catch (JsonProcessingException e) {
            throw refused(e.getOriginalMessage().lines().findFirst().orElse("it is no JSON"));
        } catch (IOException e) {
            throw refused("it cannot be read: " + e.getMessage());
        }
    }

    private void takeAll(JsonNode tree) {
        List<String> unknown = new ArrayList<>();
        tree.properties().forEach(entry -> {
            if (!take(entry.getKey(), entry.getValue())) {
                unknown.add(entry.getKey());
            }
        });
        if (!unknown.isEmpty()) {
            throw refused(
                    "the following directives don't match any configuration option: " + String.join(", ", unknown));
        }
    }

    /** False for a key that dockerd does not have. */
    private boolean take(String key, JsonNode value) {
        switch (key) {
            case "log-driver" -> set("gantry.containers.log-driver", text(key, value));
            case "log-opts" -> set("gantry.containers.log-options", list(pairs(key, value)));
            case "default-ulimits" -> set("gantry.containers.ulimits", list(ulimits(key, value)));
            case "default-shm-size" -> set("gantry.containers.shm-size", Long.toString(bytes(text(key, value))));
            case "init" -> set("gantry.containers.init", truth(key, value));
            case "no-new-privileges" -> set("gantry.containers.no-new-privileges", truth(key, value));
            case "cgroup-parent" -> set("gantry.containers.cgroup-parent", text(key, value));
            case "default-ipc-mode" ->
                oneOf(
                        key,
                        text(key, value),
                        "gantry.containers.ipc-mode",
                        Set.of("private", "shareable"),
                        "IPC mode \"%s\" is not supported as default value; use \"shareable\" or \"private\"");
            case "default-cgroupns-mode" ->
                oneOf(
                        key,
                        text(key, value),
                        "gantry.containers.cgroupns-mode",
                        Set.of("private", "host"),
                        "default cgroup namespace mode (%s) is invalid; use \"host\" or \"private\"");
            case "dns" -> set("gantry.containers.dns", list(addresses(strings(key, value))));
            case "dns-search" -> set("gantry.containers.dns-search", list(strings(key, value)));
            case "dns-opts" -> set("gantry.containers.dns-options", list(strings(key, value)));
            case "labels" -> set("gantry.labels", list(labels(strings(key, value))));
            case "bip" -> set("gantry.network.bip", bridgeAddress(text(key, value)));
            case "default-address-pools" -> set("gantry.network.pools", pools(value));
            case "insecure-registries" -> set("gantry.registries.insecure", list(registries(strings(key, value))));
            case "registry-mirrors" -> set("gantry.registries.mirrors", list(mirrors(strings(key, value))));
            case "max-concurrent-downloads" ->
                set("gantry.registries.max-concurrent-downloads", Long.toString(transfers(key, value)));
            case "runtimes" -> set("gantry.agent.runtimes", String.join(",", runtimes(key, value)));
            case "default-runtime" -> set("gantry.agent.runtime", text(key, value));
            case "group" -> set("gantry.docker.group", text(key, value));
            case "hosts" -> strings(key, value).forEach(this::host);
            case "tlscert" -> set("gantry.docker.tls.cert", text(key, value));
            case "tlskey" -> set("gantry.docker.tls.key", text(key, value));
            case "tlscacert" -> set("gantry.docker.tls.client-ca", text(key, value));
            case "tls", "tlsverify" -> truth(key, value);
            default -> {
                return isSoAnyway(key, value) || meansNothing(key, value);
            }
        }
        return true;
    }

    /** What can be said otherwise, but is not done otherwise here. */
    private boolean isSoAnyway(String key, JsonNode value) {
        switch (key) {
            case "live-restore" ->
                unless(truth(key, value).equals("true"), key, "containers always outlive the services");
            case "iptables", "ip-forward", "ip-masq", "ip6tables", "icc" ->
                must(
                        truth(key, value).equals("true"),
                        key,
                        "containers are always kept apart by rules of nftables, and those of a network reach each other");
            case "selinux-enabled" ->
                must(truth(key, value).equals("false"), key, "labels of SELinux are not there yet");
            case "userns-remap" -> must(text(key, value).isEmpty(), key, "remapping of users is not there yet");
            case "seccomp-profile" ->
                must(
                        Set.of("", "builtin").contains(text(key, value)),
                        key,
                        "only the builtin profile can be the standard one");
            case "storage-driver" ->
                must(Set.of("", "overlay2").contains(text(key, value)), key, "overlay2 is the only storage driver");
            case "exec-opts" ->
                must(
                        strings(key, value).stream().allMatch("native.cgroupdriver=cgroupfs"::equals),
                        key,
                        "cgroupfs is the only cgroup driver");
            case "authorization-plugins" -> must(strings(key, value).isEmpty(), key, "plugins are not asked yet");
            case "features" ->
                value.properties().forEach(feature -> {
                    truth(key, feature.getValue());
                    notice(key, "there is no feature " + feature.getKey() + " to be switched");
                });
            case "max-concurrent-uploads" -> {
                transfers(key, value);
                notice(key, "layers of an image are sent one after the other");
            }
            default -> {
                return false;
            }
        }
        return true;
    }

    private boolean meansNothing(String key, JsonNode value) {
        if (OF_DOCKERD.contains(key)) {
            notice(key, "it is about dockerd's own process");
        } else if (NOTHING_OF_THE_KIND.contains(key)) {
            unless(saysNothing(value), key, "there is nothing of the kind");
        } else {
            return false;
        }
        return true;
    }

    private static boolean saysNothing(JsonNode value) {
        return value.isContainerNode()
                ? value.isEmpty()
                : List.of("", "false", "null", "0").contains(value.asText());
    }

    private void host(String host) {
        if (host.startsWith("unix://")) {
            once("gantry.docker.socket", host.substring("unix://".length()));
        } else if (host.startsWith("tcp://")) {
            String address = host.substring("tcp://".length());
            once("gantry.docker.tcp", address.matches(".*:\\d+") ? address : address + ":2375");
        } else if (!host.startsWith("fd://")) {
            String protocol = host.contains("://") ? host.substring(0, host.indexOf("://")) : host;
            throw refused(INVALID + "invalid bind address (" + host + "): unsupported proto '" + protocol + "'");
        }
    }

    private void once(String setting, String value) {
        if (settings.containsKey(setting)) {
            throw refused("hosts: one of unix:// and one of tcp:// is what can be listened at");
        }
        set(setting, value);
    }

    private void set(String setting, String value) {
        settings.put(setting, value);
    }

    private void oneOf(String key, String value, String setting, Set<String> allowed, String message) {
        if (!allowed.contains(value)) {
            throw refused(INVALID + message.formatted(value));
        }
        set(setting, value);
    }

    private List<String> labels(List<String> labels) {
        Map<String, String> seen = new HashMap<>();
        for (String label : labels) {
            if (!label.contains("=")) {
                throw refused(INVALID + "bad attribute format: " + label);
            }
            String other = seen.putIfAbsent(label.substring(0, label.indexOf('=')), label);
            if (other != null && !other.equals(label)) {
                throw refused("conflict labels for " + label + " and " + other);
            }
        }
        return labels;
    }

    private List<String> runtimes(String key, JsonNode value) {
        List<String> runtimes = new ArrayList<>();
        object(key, value).forEach((name, runtime) -> {
            if (name.equals("runc")) {
                throw refused(INVALID + "runtime name 'runc' is reserved");
            }
            String path = runtime.path("path").asText();
            List<String> words = new ArrayList<>(List.of(path));
            runtime.path("runtimeArgs").forEach(argument -> words.add(argument.asText()));
            String said = name + "=" + String.join(" ", words);
            if (path.isEmpty() || said.indexOf(',') >= 0 || !SettingKind.RUNTIMES.fits(said)) {
                throw refused("runtimes: " + name + " needs an absolute path, and arguments without blanks and commas;"
                        + " containerd's shims are no runtimes here");
            }
            runtimes.add(said);
        });
        return runtimes;
    }

    private String bridgeAddress(String text) {
        if (!SettingKind.BRIDGE_ADDRESS.fits(text)) {
            throw refused("invalid CIDR address: " + text);
        }
        return text;
    }

    private long transfers(String key, JsonNode value) {
        long most = number(key, value);
        if (most < 0) {
            throw refused(INVALID + "invalid " + key.replace('-', ' ') + ": " + most);
        }
        return most;
    }

    private List<String> registries(List<String> registries) {
        return registries.stream()
                .map(registry -> {
                    String bare = registry.replaceFirst("(?i)^https?://", "");
                    if (bare.contains("://")) {
                        throw refused("insecure registry " + registry + " should not contain '://'");
                    }
                    if (bare.matches("[^:/]+:\\d+") && !SettingKind.REGISTRIES.fits(bare)) {
                        throw refused("insecure registry " + registry + " is not valid: invalid port \""
                                + bare.substring(bare.indexOf(':') + 1) + "\"");
                    }
                    if (bare.isEmpty() || !SettingKind.REGISTRIES.fits(bare)) {
                        throw refused("insecure registry " + registry + " is not valid: invalid host \"" + bare + "\"");
                    }
                    return bare;
                })
                .toList();
    }

    private List<String> mirrors(List<String> mirrors) {
        for (String mirror : mirrors) {
            if (!mirror.matches("(?i)https?://.*")) {
                String scheme = mirror.contains("://") ? mirror.substring(0, mirror.indexOf("://")) : "";
                throw refused("invalid mirror: unsupported scheme \"" + scheme + "\" in \"" + mirror + "\"");
            }
            if (mirror.contains("@")) {
                throw refused("invalid mirror: username/password not allowed in URI \""
                        + mirror.replaceFirst(":[^/@]*@", ":xxxxx@") + "\"");
            }
            if (mirror.isEmpty() || !SettingKind.MIRRORS.fits(mirror)) {
                throw refused("invalid mirror: query or fragment at end of the URI \"" + mirror + "\"");
            }
        }
        return mirrors;
    }

    private List<String> addresses(List<String> addresses) {
        for (String address : addresses) {
            try {
                InetAddress.ofLiteral(address);
            } catch (IllegalArgumentException e) {
                throw refused("invalid IP address: " + address);
            }
        }
        return addresses;
    }

    private static String pools(JsonNode value) {
        List<String> pools = new ArrayList<>();
        value.forEach(pool ->
                pools.add(pool.path("base").asText() + ":" + pool.path("size").asInt()));
        return String.join(",", pools);
    }

    private List<String> ulimits(String key, JsonNode value) {
        List<String> limits = new ArrayList<>();
        object(key, value).forEach((name, limit) -> {
            long soft = number(key, limit.path("Soft"));
            long hard = number(key, limit.path("Hard"));
            String said = limit.path("Name").asText(name);
            limits.add((said.isEmpty() ? name : said) + "=" + soft + ":" + hard);
        });
        return limits;
    }

    private List<String> pairs(String key, JsonNode value) {
        return object(key, value).entrySet().stream()
                .map(entry -> entry.getKey() + "=" + text(key, entry.getValue()))
                .toList();
    }

    private Map<String, JsonNode> object(String key, JsonNode value) {
        if (!value.isObject()) {
            throw wrong(key, value, "map");
        }
        return value.properties().stream()
                .collect(Collectors.toMap(
                        Map.Entry::getKey, Map.Entry::getValue, (one, other) -> other, LinkedHashMap::new));
    }

    /** As in {@code docker run --shm-size}: a number, with k, m, g or t maybe. */
    private long bytes(String text) {
        Matcher matcher =
                Pattern.compile("(\\d{1,12})([kKmMgGtT]?)(?:[iI]?[bB])?").matcher(text);
        if (!matcher.matches()) {
            throw refused("invalid size: '" + text + "'");
        }
        int shift = " kmgt"
                        .indexOf(
                                matcher.group(2).isEmpty()
                                        ? " "
                                        : matcher.group(2).toLowerCase(Locale.ROOT))
                * 10;
        return Long.parseLong(matcher.group(1)) << shift;
    }

    private String text(String key, JsonNode value) {
        if (!value.isTextual()) {
            throw wrong(key, value, "string");
        }
        return value.asText();
    }

    private String truth(String key, JsonNode value) {
        if (!value.isBoolean()) {
            throw wrong(key, value, "bool");
        }
        return value.asText();
    }

    /** Zero where nothing is said, as Go has it. */
    private long number(String key, JsonNode value) {
        if (!value.isMissingNode() && !(value.isIntegralNumber() && value.canConvertToLong())) {
            throw wrong(key, value, "int64");
        }
        return value.asLong();
    }

    private List<String> strings(String key, JsonNode value) {
        if (!value.isArray()) {
            throw wrong(key, value, "[]string");
        }
        List<String> strings = new ArrayList<>();
        value.forEach(one -> strings.add(text(key, one)));
        return strings;
    }

    /** As the settings have lists: with commas between, and a backslash before one that is part of a value. */
    private static String list(List<String> values) {
        return values.stream().map(value -> value.replace(",", "\\,")).collect(Collectors.joining(","));
    }

    private void unless(boolean fine, String key, String reason) {
        if (!fine) {
            notice(key, reason);
        }
    }

    private void must(boolean fine, String key, String reason) {
        if (!fine) {
            throw refused(key + ": " + reason);
        }
    }

    private void notice(String key, String reason) {
        notices.add(file + ": " + key + " is not taken over: " + reason);
    }

    private IllegalArgumentException wrong(String key, JsonNode value, String wanted) {
        return refused(
                "json: cannot unmarshal " + kind(value) + " into Go struct field Config." + key + " of type " + wanted);
    }

    private static String kind(JsonNode value) {
        return switch (value.getNodeType()) {
            case ARRAY -> "array";
            case OBJECT -> "object";
            case BOOLEAN -> "bool";
            case NUMBER -> "number";
            default -> "string";
        };
    }

    private IllegalArgumentException refused(String reason) {
        return new IllegalArgumentException("unable to configure the Docker daemon with file " + file + ": " + reason);
    }
}
