package dev.gantry.agent.volume.plugin;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.gantry.agent.api.AgentFailure;
import dev.gantry.agent.api.CleanPath;
import dev.gantry.agent.api.ContainerOperations.PluginVolume;
import dev.gantry.agent.host.HostRoot;
import dev.gantry.agent.host.HostThreads;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.nio.file.Path;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jboss.logging.Logger;

/**
 * The calls of dockerd's volume plug-in protocol. What plug-ins say is theirs: messages, and paths of the host that volumes are
 * at, which may be any that are absolute. Failures are {@link AgentFailure} in dockerd's words.
 */
@ApplicationScoped
public class VolumePlugins {
    private static final Logger LOG = Logger.getLogger(VolumePlugins.class);
    private static final int MOST_VOLUMES = 10_000;

    /** What a plug-in has said of itself. */
    private record Active(PluginAddress address, String scope) {}

    private final PluginFiles files;
    private final PluginCalls calls;
    private final HostRoot host;
    private final ObjectMapper json;
    private final Map<String, Active> active = new ConcurrentHashMap<>();
    private final Set<String> trying = ConcurrentHashMap.newKeySet();

    VolumePlugins(PluginFiles files, PluginCalls calls, HostRoot host, ObjectMapper json) {
        this.files = files;
        this.calls = calls;
        this.host = host;
        this.json = json;
    }

    /** Those that have been spoken to; others that there are will be by the next time. Does not block. */
    public List<String> names() {
        Set<String> found = files.names();
        active.keySet().retainAll(found);
        for (String name : found) {
            if (!active.containsKey(name) && trying.add(name)) {
                HostThreads.start(() -> tryOut(name));
            }
        }
        return active.keySet().stream().sorted().toList();
    }

    private void tryOut(String name) {
        try {
            activate(name);
        } catch (IOException | RuntimeException e) {
            LOG.debugf("plug-in %s: %s", name, e.getMessage());
        } finally {
            trying.remove(name);
        }
    }

    /** Fails when there is no such plug-in. */
    public void require(String name) {
        try {
            if (activate(name).isPresent()) {
                return;
            }
        } catch (IOException e) {
            throw lookup(AgentFailure.Code.INTERNAL, name, e.getMessage());
        }
        throw lookup(AgentFailure.Code.NOT_FOUND, name, "plugin \"" + name + "\" not found");
    }

    private static AgentFailure lookup(AgentFailure.Code code, String name, String reason) {
        return new AgentFailure(code, "error looking up volume plugin " + name + ": " + reason);
    }

    private Optional<Active> activate(String name) throws IOException {
        Optional<PluginAddress> address = files.find(name);
        Active known = active.get(name);
        if (address.isEmpty()) {
            active.remove(name);
            return Optional.empty();
        }
        if (known != null && known.address().equals(address.get())) {
            return Optional.of(known);
        }
        JsonNode implemented =
                calls.call(address.get(), "Plugin.Activate", null).path("Implements");
        boolean volumes = false;
        for (JsonNode one : implemented) {
            volumes |= one.asText().equals("VolumeDriver");
        }
        if (!volumes) {
            throw new IOException("plugin " + name + " does not implement the requested interface: VolumeDriver");
        }
        Active now = new Active(address.get(), scope(address.get()));
        active.put(name, now);
        return Optional.of(now);
    }

    private String scope(PluginAddress address) {
        try {
            String scope = calls.call(address, "VolumeDriver.Capabilities", Map.of())
                    .at("/Capabilities/Scope")
                    .asText("");
            return scope.equalsIgnoreCase("global") ? "global" : "local";
        } catch (IOException e) {
            // Older plug-ins do not have the call.
            return "local";
        }
    }

    private JsonNode call(String driver, String method, Map<String, Object> body) throws IOException {
        require(driver);
        return calls.call(active.get(driver).address(), "VolumeDriver." + method, body);
    }

    /** Has the plug-in make it, unless it has one already. */
    public void create(String driver, String name, Map<String, String> options) {
        require(driver);
        if (get(driver, name).isPresent()) {
            return;
        }
        Map<String, Object> body = new HashMap<>();
        body.put("Name", name);
        body.put("Opts", options.isEmpty() ? null : options);
        try {
            call(driver, "Create", body);
        } catch (IOException e) {
            throw new AgentFailure(AgentFailure.Code.INTERNAL, e.getMessage(), e);
        }
    }

    /** Empty when the plug-in has none, or does not say. */
    public Optional<PluginVolume> get(String driver, String name) {
        try {
            return Optional.of(volume(
                    driver, name, call(driver, "Get", Map.of("Name", name)).path("Volume")));
        } catch (IOException e) {
            LOG.debugf("volume %s of plug-in %s: %s", name, driver, e.getMessage());
            return Optional.empty();
        }
    }

    /** In whichever plug-in. */
    public Optional<PluginVolume> find(String name) {
        return names().stream().flatMap(driver -> get(driver, name).stream()).findFirst();
    }

    /** Of all plug-ins that answer. */
    public List<PluginVolume> list() {
        List<PluginVolume> all = new ArrayList<>();
        for (String driver : names()) {
            try {
                for (JsonNode one : call(driver, "List", Map.of()).path("Volumes")) {
                    if (all.size() < MOST_VOLUMES
                            && !one.path("Name").asText("").isEmpty()) {
                        all.add(volume(driver, one.path("Name").asText(), one));
                    }
                }
            } catch (IOException | AgentFailure e) {
                LOG.warnf("volumes of plug-in %s: %s", driver, e.getMessage());
            }
        }
        return all;
    }

    private PluginVolume volume(String driver, String name, JsonNode told) {
        JsonNode status = told.path("Status");
        Active plugin = active.get(driver);
        return new PluginVolume(
                name,
                driver,
                plugin == null ? "local" : plugin.scope(),
                told.path("Mountpoint").asText(""),
                time(told.path("CreatedAt").asText("")),
                status.isObject() && !status.isEmpty() ? json.convertValue(status, Map.class) : null);
    }

    /** Null for what is none. */
    private static String time(String text) {
        try {
            return OffsetDateTime.parse(text).toString().isEmpty() ? null : text;
        } catch (DateTimeParseException e) {
            return null;
        }
    }

    public void remove(String driver, String name) {
        try {
            call(driver, "Remove", Map.of("Name", name));
        } catch (IOException e) {
            throw new AgentFailure(AgentFailure.Code.INTERNAL, "remove " + name + ": " + e.getMessage(), e);
        }
    }

    /**
     * Where it is mounted on this host now.
     *
     * @param use the same for the end of this use
     */
    public Path mount(String driver, String name, String use) throws IOException {
        String path = call(driver, "Mount", Map.of("Name", name, "ID", use))
                .path("Mountpoint")
                .asText("");
        if (!path.startsWith("/") || !CleanPath.isPossible(path)) {
            throw new IOException("the plug-in's mountpoint is no absolute path");
        }
        return host.of(CleanPath.of(path));
    }

    public void unmount(String driver, String name, String use) throws IOException {
        call(driver, "Unmount", Map.of("Name", name, "ID", use));
    }
}
