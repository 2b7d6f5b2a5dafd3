package dev.gantry.compatibility.instance;

import dev.gantry.compatibility.docker.Docker;
import dev.gantry.compatibility.docker.Images;
import dev.gantry.compatibility.fixtures.ImageFormat;
import dev.gantry.compatibility.fixtures.LayerCompression;
import dev.gantry.compatibility.fixtures.LoopbackRegistry;
import dev.gantry.compatibility.fixtures.TestImages;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.function.Consumer;

/** Clients that make and remove things of all kinds, round after round, and for whom every command must succeed. */
final class BackupLoad implements AutoCloseable {
    private final LoopbackRegistry registry;
    private final List<CompletableFuture<Void>> clients = new ArrayList<>();
    private final AtomicIntegerArray rounds;
    private volatile boolean ended;

    BackupLoad(Instance instance) throws Exception {
        List<Consumer<Docker>> work = new ArrayList<>(List.of(
                docker -> docker.ok("run", "--rm", Images.BUSYBOX, "true"),
                BackupLoad::namedThings,
                docker -> docker.callWithInput(Images.busybox().archive("loaded"), "load")
                        .exits(0)));
        registry = LoopbackRegistry.isInstalled() ? LoopbackRegistry.start() : null;
        if (registry != null) {
            String image = registry.push(
                    "layers", "1", TestImages.manyLayers(3).published(ImageFormat.OCI, LayerCompression.GZIP));
            work.add(docker -> {
                docker.ok("pull", image);
                docker.ok("rmi", image);
            });
        }
        rounds = new AtomicIntegerArray(work.size());
        for (int i = 0; i < work.size(); i++) {
            int client = i;
            Docker docker = instance.docker();
            clients.add(CompletableFuture.runAsync(
                    () -> {
                        while (!ended) {
                            work.get(client).accept(docker);
                            rounds.incrementAndGet(client);
                        }
                    },
                    Executors.newVirtualThreadPerTaskExecutor()));
        }
    }

    private static void namedThings(Docker docker) {
        docker.ok("tag", Images.BUSYBOX, "passing");
        docker.ok("network", "create", "passing");
        docker.ok("create", "--name", "passing", "--network", "passing", "-v", "passing:/data", "passing", "true");
        docker.ok("rm", "passing");
        docker.ok("volume", "rm", "passing");
        docker.ok("network", "rm", "passing");
        docker.ok("rmi", "passing");
    }

    /** Until every client has ended a round since. */
    void awaitRounds() {
        for (int i = 0; i < clients.size(); i++) {
            int client = i;
            int wanted = rounds.get(client) + 1;
            Docker.await("a client goes on", () -> {
                if (clients.get(client).isCompletedExceptionally()) {
                    clients.get(client).join();
                }
                return rounds.get(client) >= wanted;
            });
        }
    }

    /** Fails when a command of a client has failed. */
    @Override
    public void close() {
        ended = true;
        try {
            clients.forEach(CompletableFuture::join);
        } finally {
            if (registry != null) {
                registry.close();
            }
        }
    }
}
