package dev.gantry.agent.network;

import dev.gantry.agent.linux.Fd;
import dev.gantry.agent.linux.Namespaces;
import dev.gantry.agent.linux.Netlink;
import dev.gantry.agent.linux.PinnedNamespaces;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.stream.Stream;

/** The containers' network namespaces, each pinned to a file named for its container. */
final class ContainerNamespaces {
    private static final Path SYSCTL = Path.of("/proc/sys/net");

    /**
     * As dockerd sets them: interfaces without IPv6 unless the network has it (the loopback keeps it), and no need of
     * privileges for low ports or ping.
     */
    private static final Map<String, String> SETTINGS = Map.of(
            "ipv6/conf/default/disable_ipv6", "1",
            "ipv4/ip_unprivileged_port_start", "0",
            "ipv4/ping_group_range", "0 2147483647");

    private final Path directory;

    ContainerNamespaces(Path directory) {
        this.directory = directory;
    }

    /** Fills a new namespace. */
    interface Setup {
        /**
         * @param inside requests that act in the namespace
         * @param namespaceFd names it in requests that act elsewhere
         */
        void run(Links inside, int namespaceFd) throws IOException;
    }

    Path file(String containerId) {
        return directory.resolve(containerId);
    }

    /** Makes a namespace whose loopback is up; it vanishes with everything in it when {@code setup} fails. */
    Path create(String containerId, Setup setup) throws IOException {
        Files.createDirectories(directory);
        Path file = file(containerId);
        return onThreadOfItsOwn(() -> {
            Namespaces.unshare(Namespaces.CLONE_NEWNET);
            for (Map.Entry<String, String> setting : SETTINGS.entrySet()) {
                Path path = SYSCTL.resolve(setting.getKey());
                if (Files.exists(path)) {
                    Files.writeString(path, setting.getValue());
                }
            }
            try (Netlink netlink = Netlink.open();
                    Fd namespace = PinnedNamespaces.openOwn()) {
                Links links = new Links(netlink);
                links.up(Links.LOOPBACK_INDEX);
                setup.run(links, namespace.number());
            }
            PinnedNamespaces.pin(file);
            return file;
        });
    }

    /** Lets the namespace go; no such container is no error. */
    void remove(String containerId) throws IOException {
        PinnedNamespaces.unpin(file(containerId));
    }

    /** The containers that have one. */
    Set<String> containerIds() throws IOException {
        if (!Files.isDirectory(directory)) {
            return Set.of();
        }
        Set<String> ids = new HashSet<>();
        try (Stream<Path> files = Files.list(directory)) {
            files.forEach(file -> ids.add(file.getFileName().toString()));
        }
        return ids;
    }

    /** The thread never returns to its old namespace, so it must not be reused. */
    private static <T> T onThreadOfItsOwn(Callable<T> work) throws IOException {
        FutureTask<T> task = new FutureTask<>(work);
        Thread.ofPlatform().name("network-namespace").start(task);
        try {
            return task.get();
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case IOException cause -> throw cause;
                case RuntimeException cause -> throw cause;
                default -> throw new IllegalStateException(e.getCause());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }
}
