package dev.gantry.engine.testing;

import dev.gantry.engine.EngineError;
import dev.gantry.engine.container.ContainerResults;
import dev.gantry.engine.container.Containers;
import io.smallrye.mutiny.Uni;
import java.util.List;
import java.util.Map;

/** A container-service that has no container and makes none; doubles override what they have. */
public class NoContainers implements Containers {
    @Override
    public Uni<ContainerResults.Created> create(Creation wish) {
        return Uni.createFrom().failure(new EngineError.NotSupported("there is no host"));
    }

    @Override
    public Uni<Void> start(String reference) {
        return Uni.createFrom().failure(missing(reference));
    }

    @Override
    public Uni<Void> stop(String reference, Stop how) {
        return Uni.createFrom().failure(missing(reference));
    }

    @Override
    public Uni<Void> remove(String reference, Removal how) {
        return Uni.createFrom().failure(missing(reference));
    }

    @Override
    public Uni<Void> connect(String reference, Connection how) {
        return Uni.createFrom().failure(missing(reference));
    }

    @Override
    public Uni<Void> disconnect(String reference, Departure how) {
        return Uni.createFrom().failure(missing(reference));
    }

    @Override
    public Uni<Long> await(String reference, Condition condition) {
        return Uni.createFrom().failure(missing(reference));
    }

    @Override
    public Uni<List<ContainerUse>> usingImage(String imageId) {
        return Uni.createFrom().item(List.of());
    }

    @Override
    public Uni<List<Standing>> standing(List<String> ids) {
        return Uni.createFrom().item(List.of());
    }

    @Override
    public Uni<Map<String, Long>> load() {
        return Uni.createFrom().item(Map.of());
    }

    @Override
    public Uni<Counts> counts() {
        return Uni.createFrom().item(new Counts(0, 0, 0));
    }

    private static EngineError missing(String reference) {
        return new EngineError.NotFound("No such container: " + reference);
    }
}
