package dev.gantry.container;

import dev.gantry.container.create.CreateContainer;
import dev.gantry.container.network.ConnectContainer;
import dev.gantry.container.network.DisconnectContainer;
import dev.gantry.container.query.ContainerQueries;
import dev.gantry.container.remove.RemoveContainer;
import dev.gantry.container.run.StartContainer;
import dev.gantry.container.run.StopContainer;
import dev.gantry.container.run.WaitContainer;
import dev.gantry.engine.container.ContainerResults;
import dev.gantry.engine.container.Containers;
import dev.gantry.service.work.Background;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.Map;

/** What this service does for others, and for the clients of the Docker Engine API alike. */
@ApplicationScoped
public class LocalContainers implements Containers {
    private final CreateContainer create;
    private final StartContainer start;
    private final StopContainer stop;
    private final RemoveContainer remove;
    private final WaitContainer wait;
    private final ConnectContainer connect;
    private final DisconnectContainer disconnect;
    private final ContainerQueries queries;
    private final Background background;

    LocalContainers(
            CreateContainer create,
            StartContainer start,
            StopContainer stop,
            RemoveContainer remove,
            WaitContainer wait,
            ConnectContainer connect,
            DisconnectContainer disconnect,
            ContainerQueries queries,
            Background background) {
        this.create = create;
        this.start = start;
        this.stop = stop;
        this.remove = remove;
        this.wait = wait;
        this.connect = connect;
        this.disconnect = disconnect;
        this.queries = queries;
        this.background = background;
    }

    @Override
    public Uni<ContainerResults.Created> create(Creation wish) {
        return background.await(() -> create.create(
                wish.name(), wish.platform() == null ? "" : wish.platform(), wish.body(), wish.version()));
    }

    @Override
    public Uni<Void> start(String reference) {
        return background.await(() -> start.start(reference));
    }

    @Override
    public Uni<Void> stop(String reference, Stop how) {
        return background.await(() -> stop.stop(reference, how.signal(), how.timeoutSeconds()));
    }

    @Override
    public Uni<Void> remove(String reference, Removal how) {
        return background.await(() -> remove.remove(reference, how.force(), how.volumes()));
    }

    @Override
    public Uni<Void> connect(String reference, Connection how) {
        return background.await(() -> connect.connect(reference, how.network(), how.settings()));
    }

    @Override
    public Uni<Void> disconnect(String reference, Departure how) {
        return background.await(() -> disconnect.disconnect(reference, how.network(), how.force()));
    }

    @Override
    public Uni<Long> await(String reference, Condition condition) {
        return wait.begin(reference, condition)
                .chain(WaitContainer.Waiting::exitCode)
                .map(Integer::longValue);
    }

    @Override
    public Uni<List<ContainerUse>> usingImage(String imageId) {
        return queries.usingImage(imageId);
    }

    @Override
    public Uni<List<Standing>> standing(List<String> ids) {
        return queries.standing(ids);
    }

    @Override
    public Uni<Map<String, Long>> load() {
        return queries.load();
    }

    @Override
    public Uni<Counts> counts() {
        return queries.counts();
    }
}
