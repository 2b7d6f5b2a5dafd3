package dev.gantry.agent.network;

import dev.gantry.agent.linux.Fd;
import dev.gantry.agent.linux.Namespaces;
import dev.gantry.agent.linux.Netlink;
import dev.gantry.agent.linux.PinnedNamespaces;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** The containers' network namespaces, each pinned to a file named for its container. */
final class ContainerNamespaces {
    private static final Path IPV6 = Path.of("/proc/sys/net/ipv6/conf");

    /**
     * An interface that comes up tells its address, so that whoever knew another one's MAC address for it learns the new one
     * (gratuitous ARP, and unsolicited advertisements of neighbours; ip-sysctl.rst).
     */
    private static final List<Path> NOTIFY =
            List.of(Path.of("/proc/sys/net/ipv4/conf/default/arp_notify"), IPV6.resolve("default/ndisc_notify"));

    private final Path directory;

    ContainerNamespaces(Path directory) {
        this.directory = directory;
    }

    /** Changes a namespace. */
    interface Setup {
        void run(Inside inside) throws IOException;
    }

    /**
     * A namespace that is being changed, by a thread that is in the host's.
     *
     * @param links requests that act in the namespace
     */
    record Inside(Links links, Fd namespace, Fd host) {
        /** Names it in requests that act elsewhere. */
        int namespaceFd() {
            return namespace.number();
        }

        /** As with dockerd an interface has IPv6 only if its network has it; said before it comes up. */
        void ipv6(String interfaceName, boolean enabled) throws IOException {
            Path file = IPV6.resolve(interfaceName).resolve("disable_ipv6");
            Namespaces.enter(namespace.number(), Namespaces.CLONE_NEWNET);
            try {
                if (Files.exists(file)) {
                    Files.writeString(file, enabled ? "0" : "1");
                }
            } finally {
                Namespaces.enter(host.number(), Namespaces.CLONE_NEWNET);
            }
        }
    }

    Path file(String containerId) {
        return directory.resolve(containerId);
    }

    /** Makes a namespace whose loopback is up; it vanishes with everything in it when {@code setup} fails. */
    Path create(String containerId, Setup setup) throws IOException {
        Files.createDirectories(directory);
        Path file = file(containerId);
        return Namespaces.onThreadOfItsOwn(() -> {
            try (Fd host = PinnedNamespaces.openOwn();
                    Fresh fresh = Fresh.make(host)) {
                Links links = new Links(fresh.netlink());
                links.up(Links.LOOPBACK_INDEX);
                setup.run(new Inside(links, fresh.namespace(), host));
                PinnedNamespaces.pin(fresh.namespace(), file);
                return file;
            }
        });
    }

    /** Changes the namespace of a container that has one. */
    void enter(String containerId, Setup setup) throws IOException {
        Namespaces.onThreadOfItsOwn(() -> {
            try (Fd host = PinnedNamespaces.openOwn();
                    Fd namespace = PinnedNamespaces.open(file(containerId));
                    Netlink inside = inside(host, namespace)) {
                setup.run(new Inside(new Links(inside), namespace, host));
                return null;
            }
        });
    }

    /** A socket in the namespace; the thread is back in {@code host}, see {@link Fresh#make}. */
    private static Netlink inside(Fd host, Fd namespace) throws IOException {
        Namespaces.enter(namespace.number(), Namespaces.CLONE_NEWNET);
        try {
            return Netlink.open();
        } finally {
            Namespaces.enter(host.number(), Namespaces.CLONE_NEWNET);
        }
    }

    /** A new namespace, held open, with a socket in it. */
    private record Fresh(Fd namespace, Netlink netlink) implements AutoCloseable {

        /**
         * The thread is back in {@code host} before it does anything that could wake another one: the JVM starts the
         * carriers of virtual threads from whichever thread needs one, and they would stay in this namespace.
         */
        static Fresh make(Fd host) throws IOException {
            Namespaces.unshare(Namespaces.CLONE_NEWNET);
            try {
                for (Path file : NOTIFY) {
                    if (Files.exists(file)) {
                        Files.writeString(file, "1");
                    }
                }
                Fd namespace = PinnedNamespaces.openOwn();
                try {
                    return new Fresh(namespace, Netlink.open());
                } catch (IOException e) {
                    namespace.close();
                    throw e;
                }
            } finally {
                Namespaces.enter(host.number(), Namespaces.CLONE_NEWNET);
            }
        }

        @Override
        public void close() {
            netlink.close();
            namespace.close();
        }
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
}
