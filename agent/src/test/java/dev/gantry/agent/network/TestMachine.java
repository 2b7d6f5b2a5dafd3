package dev.gantry.agent.network;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.gantry.agent.api.NetworkState;
import dev.gantry.agent.linux.Fd;
import dev.gantry.agent.linux.Namespaces;
import dev.gantry.agent.linux.PinnedNamespaces;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;

/**
 * A machine for tests: a network namespace that plays the host, so that nothing of the real one changes. Work done
 * {@link #in} a namespace runs on a thread of its own; threads and programs started there stay there.
 */
final class TestMachine implements AutoCloseable {
    static final String OUTSIDE = "198.51.100.9";
    static final String OWN = "198.51.100.1";

    private final Path directory;

    TestMachine(Path directory) throws Exception {
        this.directory = directory;
        namespace("host");
        namespace("outside");
        in("host", () -> {
            sh("ip link add uplink type veth peer name uplink netns " + namespaceOf("outside"));
            sh("ip addr add " + OWN + "/24 dev uplink");
            sh("ip link set uplink up");
            return null;
        });
        in("outside", () -> {
            sh("ip addr add " + OUTSIDE + "/24 dev uplink");
            sh("ip link set uplink up");
            return null;
        });
    }

    private void namespace(String name) throws Exception {
        onThread(() -> {
            Namespaces.unshare(Namespaces.CLONE_NEWNET);
            sh("ip link set lo up");
            try (Fd own = PinnedNamespaces.openOwn()) {
                PinnedNamespaces.pin(own, directory.resolve(name));
            }
            return null;
        });
    }

    /** As {@code ip link ... netns} takes it: it knows only names below its own directory and paths. */
    private String namespaceOf(String name) {
        return directory.resolve(name).toString();
    }

    <T> T in(String name, Callable<T> work) throws Exception {
        return in(directory.resolve(name), work);
    }

    static <T> T in(Path namespace, Callable<T> work) throws Exception {
        return onThread(() -> {
            try (Fd fd = PinnedNamespaces.open(namespace)) {
                Namespaces.enter(fd.number(), Namespaces.CLONE_NEWNET);
            }
            return work.call();
        });
    }

    private static <T> T onThread(Callable<T> work) throws Exception {
        FutureTask<T> task = new FutureTask<>(work);
        Thread thread = Thread.ofPlatform().start(task);
        thread.join();
        if (task.state() == Future.State.FAILED && task.exceptionNow() instanceof Exception failure) {
            throw failure;
        }
        return task.resultNow();
    }

    /** To be called in the host: platform threads stay in the namespace of the thread that starts them. */
    HostNetwork network() throws IOException {
        return new HostNetwork(
                directory,
                directory,
                "gantry",
                new ObjectMapper(),
                Thread.ofPlatform().daemon().factory());
    }

    /** As network-service would put it. */
    static NetworkState state(Bridge bridge, long version) {
        return new NetworkState(
                bridge.networkId(),
                version,
                new NetworkState.Bridge(
                        bridge.name(),
                        bridge.mtu(),
                        bridge.masquerade(),
                        bridge.icc(),
                        bridge.internal(),
                        bridge.standing()),
                bridge.addresses().stream()
                        .map(address -> new NetworkState.Subnet(
                                address.network().toString(),
                                address.address().getHostAddress(),
                                bridge.routed().contains(address) ? NetworkState.Mode.ROUTED : NetworkState.Mode.NAT))
                        .toList(),
                List.of(),
                List.of());
    }

    /** Listens in a namespace and tells each client the address it came from. */
    static ServerSocket serve(Path namespace, int port) throws Exception {
        ServerSocket server = in(namespace, () -> new ServerSocket(port));
        Thread.ofPlatform().daemon().start(() -> {
            try {
                while (true) {
                    try (Socket client = server.accept()) {
                        client.getOutputStream()
                                .write(client.getInetAddress().getHostAddress().getBytes(StandardCharsets.UTF_8));
                    }
                }
            } catch (IOException e) {
                // closed: the test is over
            }
        });
        return server;
    }

    /** What the server at that address answers, or the reason why there is no answer. */
    static String ask(Path namespace, String address, int port) throws Exception {
        return in(namespace, () -> {
            try (Socket socket = new Socket()) {
                socket.connect(new InetSocketAddress(InetAddress.ofLiteral(address), port), 1500);
                socket.setSoTimeout(1500);
                return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            } catch (IOException e) {
                return e.getClass().getSimpleName() + ": " + e.getMessage();
            }
        });
    }

    String askFrom(String name, String address, int port) throws Exception {
        return ask(directory.resolve(name), address, port);
    }

    /** Runs a command of the test in the calling thread's namespace and returns what it printed. */
    static String sh(String command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(List.of("sh", "-ec", command))
                .redirectErrorStream(true)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new IOException(command + ": " + output);
        }
        return output;
    }

    String run(String name, String command) throws Exception {
        return in(name, () -> sh(command));
    }

    Path file(String name) {
        return directory.resolve(name);
    }

    @Override
    public void close() throws IOException {
        PinnedNamespaces.unpin(directory.resolve("host"));
        PinnedNamespaces.unpin(directory.resolve("outside"));
    }
}
