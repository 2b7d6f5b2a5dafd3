package dev.gantry.agent.files;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.gantry.agent.api.AgentProtocol;
import dev.gantry.agent.api.ContainerOperations.Change;
import dev.gantry.agent.api.ContainerSpec;
import dev.gantry.agent.api.query.QueryValue;
import dev.gantry.agent.api.stream.BlockingAnswer;
import dev.gantry.agent.container.Containers;
import dev.gantry.agent.container.Standstill;
import dev.gantry.agent.linux.ByteStrings;
import dev.gantry.agent.linux.Fd;
import dev.gantry.agent.linux.OpenFiles;
import dev.gantry.agent.report.AskedBy;
import dev.gantry.agent.snapshot.LayerStack;
import dev.gantry.agent.snapshot.Snapshots;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/**
 * {@code /v1/containers/{id}/changes}, {@code /export} and {@code /layer}: {@code docker diff}, {@code docker export} and
 * {@code docker commit}, which look at a container's root filesystem without what is mounted in it.
 */
@ApplicationScoped
public class ChangesRoute {
    private static final String CONTAINER = AgentProtocol.PREFIX + "/containers/:id/";

    private final Containers containers;
    private final Snapshots snapshots;
    private final Standstill standstill;
    private final ObjectMapper json;

    public ChangesRoute(Containers containers, Snapshots snapshots, Standstill standstill, ObjectMapper json) {
        this.containers = containers;
        this.snapshots = snapshots;
        this.standstill = standstill;
        this.json = json;
    }

    public void register(@Observes Router router) {
        router.get(CONTAINER + "changes").handler(routing -> FilesRoute.serve(routing, () -> changes(routing)));
        router.get(CONTAINER + "export").handler(routing -> FilesRoute.serve(routing, () -> export(routing)));
        router.get(CONTAINER + "layer").handler(routing -> {
            String actor = AskedBy.current();
            FilesRoute.serve(routing, () -> {
                AskedBy.note(actor);
                layer(routing);
            });
        });
    }

    private Snapshots.Lease lease(RoutingContext routing) {
        return containers.still(routing.pathParam("id"), container -> {
            ContainerSpec spec = container.spec();
            return snapshots.lease(spec.id(), spec.layers());
        });
    }

    private void changes(RoutingContext routing) throws IOException {
        HttpServerResponse response = routing.response();
        try (Snapshots.Lease lease = lease(routing);
                LayerStack layers = lease.layers();
                Fd merged = root(lease)) {
            FilesRoute.begin(response, "application/json");
            try (BlockingAnswer out = new BlockingAnswer(response)) {
                Changes changes = new Changes(out);
                new ListChanges(layers, merged, changes::write).run();
                changes.end();
            }
            response.end();
        }
    }

    /** As Go's encoder writes a list. */
    private final class Changes {
        private final OutputStream out;
        private boolean begun;

        Changes(OutputStream out) {
            this.out = out;
        }

        void write(Change change) throws IOException {
            out.write(begun ? ',' : '[');
            begun = true;
            out.write(json.writeValueAsBytes(change));
        }

        void end() throws IOException {
            out.write((begun ? "]\n" : "null\n").getBytes(StandardCharsets.US_ASCII));
        }
    }

    private void export(RoutingContext routing) throws IOException {
        HttpServerResponse response = routing.response();
        try (Snapshots.Lease lease = lease(routing);
                Fd merged = root(lease)) {
            FilesRoute.begin(response, "application/octet-stream");
            try (BlockingAnswer out = new BlockingAnswer(response);
                    TreeArchive archive = new TreeArchive(out)) {
                archive.addTree(merged, "");
                archive.end();
            }
            response.end();
        }
    }

    private void layer(RoutingContext routing) throws IOException {
        HttpServerResponse response = routing.response();
        String id = routing.pathParam("id");
        try (Snapshots.Lease lease = lease(routing);
                LayerStack layers = lease.layers();
                Fd merged = root(lease)) {
            FilesRoute.begin(response, "application/x-tar");
            try (BlockingAnswer out = new BlockingAnswer(response);
                    TreeArchive archive = TreeArchive.ofLayer(out)) {
                boolean pause = QueryValue.flag(routing.request().getParam("pause"));
                try (Standstill.Hold hold = pause ? standstill.of(id) : () -> {}) {
                    new LayerArchive(layers, merged, archive).run();
                    // One that is removed meanwhile loses its files one by one.
                    if (!containers.ids().contains(id)) {
                        throw new IOException("container " + id + " was removed");
                    }
                }
                archive.end();
            }
            response.end();
        }
    }

    private static Fd root(Snapshots.Lease lease) throws IOException {
        return OpenFiles.open(ByteStrings.of(lease.rootfs()), OpenFiles.PATH | OpenFiles.DIRECTORY);
    }
}
