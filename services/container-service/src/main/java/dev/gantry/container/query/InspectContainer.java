package dev.gantry.container.query;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.gantry.agent.api.ContainerOperations;
import dev.gantry.agent.api.HostDescription;
import dev.gantry.container.host.HostAgents;
import dev.gantry.container.host.KnownHosts;
import dev.gantry.container.network.AskedNetworks;
import dev.gantry.container.state.ContainerLookup;
import dev.gantry.container.state.ContainerState;
import dev.gantry.container.state.HealthRecord;
import dev.gantry.container.state.History;
import dev.gantry.container.state.StoredJson;
import dev.gantry.engine.container.ContainerInspect;
import dev.gantry.engine.container.EndpointSettings;
import dev.gantry.engine.container.NetworkSettings;
import dev.gantry.engine.json.RawJson;
import dev.gantry.engine.network.Networks;
import dev.gantry.engine.version.ApiVersion;
import dev.gantry.service.time.GoTime;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.StreamSupport;

/** {@code GET /containers/{id}/json}: one statement. Only {@code size=1} asks the host. */
@ApplicationScoped
public class InspectContainer {
    private static final String NEVER = "0001-01-01T00:00:00Z";

    private final Pool database;
    private final KnownHosts hosts;
    private final HostAgents agents;

    InspectContainer(Pool database, KnownHosts hosts, HostAgents agents) {
        this.database = database;
        this.hosts = hosts;
        this.agents = agents;
    }

    public Uni<ContainerInspect> inspect(String reference, boolean size, ApiVersion version) {
        return find(reference).chain(row -> hosts.description(row.hostId())
                .chain(host -> size
                        ? agents.size(row.hostId(), row.id()).map(bytes -> shown(row, host, bytes, version))
                        : Uni.createFrom().item(shown(row, host, null, version))));
    }

    /** What is said of a container once only its log is left; null when it never ran. */
    public Uni<String> ofGone(String id) {
        return inspect(id, false, ApiVersion.NEWEST).map(container -> {
            ObjectNode tree = (ObjectNode) StoredJson.tree(container);
            ObjectNode state = (ObjectNode) tree.get("State");
            if (state.path("StartedAt").asText().equals(NEVER)) {
                return null;
            }
            state.put("Status", "dead").put("Dead", true).put("Running", false).put("Paused", false);
            state.put("Restarting", false).put("Pid", 0);
            return StoredJson.write(tree);
        });
    }

    private Uni<InspectedRow> find(String reference) {
        ContainerLookup.Asked asked = ContainerLookup.Asked.of(reference);
        if (!asked.isId()) {
            return byNameOrPrefix(asked);
        }
        return rows(InspectedRow.BY_ID, Tuple.of(asked.text()))
                .chain(found -> found.isEmpty()
                        ? byNameOrPrefix(asked)
                        : Uni.createFrom().item(found.getFirst()));
    }

    private Uni<InspectedRow> byNameOrPrefix(ContainerLookup.Asked asked) {
        return rows(InspectedRow.BY_NAME_OR_PREFIX, Tuple.of(asked.text(), asked.prefix()))
                .map(asked::only);
    }

    private Uni<List<InspectedRow>> rows(String sql, Tuple values) {
        return database.preparedQuery(sql).execute(values).map(rows -> StreamSupport.stream(rows.spliterator(), false)
                .map(InspectedRow::of)
                .toList());
    }

    private static ContainerInspect shown(
            InspectedRow row, HostDescription host, ContainerOperations.Size size, ApiVersion version) {
        List<String> words = words(row);
        String directory = host.stateDirectory() + "/containers/" + row.id();
        return new ContainerInspect(
                row.id(),
                GoTime.text(row.createdAt()),
                words.getFirst(),
                words.subList(1, words.size()),
                state(row.state(), row.health()),
                row.imageId(),
                directory + "/resolv.conf",
                directory + "/hostname",
                directory + "/hosts",
                row.logType().equals("json-file") ? directory + "/ctr.log" : "",
                "/" + row.name(),
                row.state().history().restartCount(),
                host.storageDriver(),
                row.platform(),
                "",
                "",
                "",
                row.execs() == null ? null : new RawJson(row.execs()),
                hostConfig(row),
                new ContainerInspect.GraphDriver(Map.of(), host.storageDriver()),
                size == null ? null : size.sizeRw(),
                size == null ? null : size.sizeRootFs(),
                Mountpoints.points(row.plannedMounts(), row.mountpoints()),
                new RawJson(row.config()),
                networkSettings(row, version));
    }

    /** As it is stored, but for links, which are stored by ids. */
    private static RawJson hostConfig(InspectedRow row) {
        if (!row.hostConfig().contains("\"Links\":[")) {
            return new RawJson(row.hostConfig());
        }
        ObjectNode tree = (ObjectNode) StoredJson.read(row.hostConfig(), JsonNode.class);
        tree.set("Links", row.links() == null ? null : StoredJson.read(row.links(), JsonNode.class));
        return new RawJson(StoredJson.write(tree));
    }

    /** The program and its arguments. */
    private static List<String> words(InspectedRow row) {
        List<String> words = new ArrayList<>();
        for (String part : new String[] {row.entrypoint(), row.command()}) {
            if (part != null) {
                words.addAll(StoredJson.list(part, String.class));
            }
        }
        return words;
    }

    private static NetworkSettings networkSettings(InspectedRow row, ApiVersion version) {
        Networks.Attachment attachment =
                row.network() == null ? null : StoredJson.read(row.network(), Networks.Attachment.class);
        Map<String, EndpointSettings> endpoints = Attachments.endpoints(attachment, row.asked());
        if (version.before(1, 45)) {
            endpoints.replaceAll((network, settings) -> withNames(network, settings, row));
        }
        return Attachments.settings(
                attachment, Attachments.ports(attachment), endpoints, row.id(), row.networkNamespace());
    }

    /** Clients before 1.45 find a container's short id and hostname among its aliases. */
    private static EndpointSettings withNames(String network, EndpointSettings settings, InspectedRow row) {
        if (AskedNetworks.isPredefined(network)) {
            return settings;
        }
        Set<String> aliases = new LinkedHashSet<>(settings.aliases() == null ? List.of() : settings.aliases());
        aliases.add(row.id().substring(0, 12));
        aliases.add(
                StoredJson.read(row.config(), JsonNode.class).path("Hostname").asText(""));
        aliases.remove("");
        return settings.withAliases(List.copyOf(aliases));
    }

    private static ContainerInspect.State state(ContainerState state, HealthRecord health) {
        History history = state.history();
        ContainerState seen = state instanceof ContainerState.Removing removing ? removing.before() : state;
        return new ContainerInspect.State(
                state.word(),
                seen instanceof ContainerState.Alive,
                seen instanceof ContainerState.Paused,
                seen instanceof ContainerState.Restarting,
                history.oomKilled(),
                seen instanceof ContainerState.Dead,
                seen instanceof ContainerState.Running running
                        ? running.pid()
                        : seen instanceof ContainerState.Paused paused ? paused.pid() : 0,
                history.exitCode(),
                history.error(),
                time(history.startedAt()),
                time(history.finishedAt()),
                health.status().equals(HealthRecord.NONE)
                        ? null
                        : new ContainerInspect.Health(
                                health.status(), health.failingStreak(), new RawJson(health.log())));
    }

    private static String time(Instant moment) {
        return moment == null ? NEVER : GoTime.text(moment);
    }
}
