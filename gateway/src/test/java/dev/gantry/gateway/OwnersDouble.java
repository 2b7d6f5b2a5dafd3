package dev.gantry.gateway;

import dev.gantry.agent.api.HostDescription;
import dev.gantry.engine.EngineError;
import dev.gantry.engine.host.Hosts;
import dev.gantry.engine.image.Images;
import dev.gantry.engine.image.ResolvedImage;
import dev.gantry.engine.testing.NoContainers;
import io.smallrye.mutiny.Uni;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.streams.ReadStream;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Services as one host with three images and six containers would have them. */
@ApplicationScoped
class OwnersDouble extends NoContainers implements Images, Hosts {
    @Override
    public Uni<ResolvedImage> resolve(String reference, String platform) {
        return Uni.createFrom().failure(new EngineError.NotFound("No such image: " + reference));
    }

    @Override
    public Uni<Long> count() {
        return Uni.createFrom().item(3L);
    }

    @Override
    public Uni<List<ImageReferences>> referencesOf(List<String> imageIds) {
        return Uni.createFrom().item(List.of());
    }

    @Override
    public Uni<List<String>> layersInUse(List<String> chainIds) {
        return Uni.createFrom().item(List.of());
    }

    @Override
    public Uni<List<String>> descendants(List<String> imageIds) {
        return Uni.createFrom().item(imageIds);
    }

    @Override
    public Uni<String> nameFor(String repository, String tag) {
        return Uni.createFrom().item("");
    }

    @Override
    public Uni<String> commit(Commit wish, ReadStream<Buffer> layer) {
        return Uni.createFrom().failure(new EngineError.NotFound("No such image: " + wish.parent()));
    }

    @Override
    public Uni<Counts> counts() {
        return Uni.createFrom().item(new Counts(1, 2, 3));
    }

    @Override
    public Uni<List<Host>> list() {
        return Uni.createFrom().item(List.of(host()));
    }

    @Override
    public Uni<Host> get(String hostId) {
        return Uni.createFrom().item(host());
    }

    @Override
    public Uni<Host> place(Set<String> tied) {
        return Uni.createFrom().item(host());
    }

    private static Host host() {
        HostDescription description = new HostDescription(
                "5f0c",
                "anvil",
                "unix:///nowhere",
                1,
                1,
                "Debian GNU/Linux 12 (bookworm)",
                "12",
                "6.1.0",
                "amd64",
                2,
                1L << 30,
                "cgroupfs",
                "2",
                true,
                false,
                Map.of("crun", new HostDescription.Runtime("/usr/bin/crun", "crun version 1.8.1")),
                "crun",
                "tini",
                "overlay2",
                "extfs",
                "/var/lib/gantry",
                List.of(),
                List.of(),
                List.of(),
                null,
                null);
        return new Host(description, Instant.now(), true, "");
    }
}
