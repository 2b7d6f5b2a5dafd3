package dev.gantry.agent.container;

import dev.gantry.agent.api.ContainerSpec;
import dev.gantry.agent.api.Digest;
import dev.gantry.agent.api.NetworkPlan;
import dev.gantry.agent.api.NetworkPlan.Endpoint;
import dev.gantry.agent.api.NetworkPlan.Linked;
import dev.gantry.agent.dns.ResolvConf;
import dev.gantry.agent.host.ContainerFiles;
import dev.gantry.agent.host.Disk;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** Writes a container's {@code /etc/hosts}, {@code /etc/hostname} and {@code /etc/resolv.conf}. */
final class NetworkFiles {
    private static final List<String> STANDARD_HOSTS = List.of(
            "127.0.0.1\tlocalhost",
            "::1\tlocalhost ip6-localhost ip6-loopback",
            "fe00::0\tip6-localnet",
            "ff00::0\tip6-mcastprefix",
            "ff02::1\tip6-allnodes",
            "ff02::2\tip6-allrouters");

    private static final Path HOSTS_OF_HOST = Path.of("/etc/hosts");

    /** Every user in the container reads them; of the host's none gets as far as there. */
    private static final Set<PosixFilePermission> READABLE = PosixFilePermissions.fromString("rw-r--r--");

    /** Bytes; nobody reads more of such a file in earnest. A container may write to its own. */
    private static final long LARGEST = 1 << 20;

    private NetworkFiles() {}

    static void write(ContainerSpec spec, NetworkPlan plan, ContainerFiles files) throws IOException {
        put(files.hostname(), (spec.hostname() == null ? "" : spec.hostname()) + "\n");
        put(files.hosts(), String.join("\n", hosts(spec, plan)) + "\n");
        boolean asked = spec.dns() != null
                && !(isEmpty(spec.dns().servers())
                        && isEmpty(spec.dns().search())
                        && isEmpty(spec.dns().options()));
        if (plan.kind() == NetworkPlan.Kind.HOST && !asked && Files.exists(ResolvConf.OF_HOST)) {
            put(files.resolvConf(), Files.readString(ResolvConf.OF_HOST));
            return;
        }
        String text = NameServerFile.of(spec.dns(), plan, ResolvConf.read(ResolvConf.OF_HOST));
        put(files.resolvConf(), text);
        put(files.resolvConfHash(), hash(text));
    }

    /** Follows a running container to another plan: in place, since the files are mounted there. */
    static void change(ContainerSpec spec, NetworkPlan before, NetworkPlan after, ContainerFiles files)
            throws IOException {
        if (Files.size(files.hosts()) <= LARGEST) {
            // In a character set that keeps any bytes as they are; names of hosts are ASCII.
            String old = Files.readString(files.hosts(), StandardCharsets.ISO_8859_1);
            String hosts = old;
            for (Linked other : before.linked()) {
                if (!after.linked().contains(other)) {
                    hosts = without(hosts, line(other) + "\n");
                }
            }
            for (Linked other : after.linked()) {
                if (!before.linked().contains(other)) {
                    hosts += line(other) + "\n";
                }
            }
            for (Endpoint endpoint : before.endpoints()) {
                if (after.endpoint(endpoint.endpointId()).isEmpty()) {
                    for (String line : lines(spec, endpoint)) {
                        hosts = without(hosts, line + "\n");
                    }
                }
            }
            for (Endpoint endpoint : after.endpoints()) {
                if (before.endpoint(endpoint.endpointId()).isEmpty()) {
                    hosts += String.join(
                            "",
                            lines(spec, endpoint).stream()
                                    .map(line -> line + "\n")
                                    .toList());
                }
            }
            if (!hosts.equals(old)) {
                Files.writeString(files.hosts(), hosts, StandardCharsets.ISO_8859_1);
            }
        }
        if (before.hasNames() != after.hasNames() && isOurs(files)) {
            String text = NameServerFile.of(spec.dns(), after, ResolvConf.read(ResolvConf.OF_HOST));
            put(files.resolvConfHash(), hash(text));
            Files.writeString(files.resolvConf(), text);
        }
    }

    /** Whether nobody has changed what we wrote. */
    private static boolean isOurs(ContainerFiles files) throws IOException {
        return Files.exists(files.resolvConfHash())
                && Files.size(files.resolvConf()) <= LARGEST
                && hash(Files.readString(files.resolvConf())).equals(Files.readString(files.resolvConfHash()));
    }

    private static String hash(String text) {
        return Digest.of(text.getBytes(StandardCharsets.UTF_8));
    }

    private static void put(Path file, String text) throws IOException {
        Disk.replace(file, text.getBytes(StandardCharsets.UTF_8), READABLE);
    }

    private static List<String> hosts(ContainerSpec spec, NetworkPlan plan) throws IOException {
        List<String> extra = spec.dns() == null || spec.dns().extraHosts() == null
                ? List.of()
                : spec.dns().extraHosts();
        // As dockerd: the host's own only where nothing is to be added.
        boolean ofHost = plan.kind() == NetworkPlan.Kind.HOST && extra.isEmpty();
        List<String> result = new ArrayList<>(ofHost ? lines(HOSTS_OF_HOST) : STANDARD_HOSTS);
        for (String entry : extra) {
            int colon = entry.indexOf(':');
            String address = entry.substring(colon + 1);
            result.add((address.equals("host-gateway") ? gateway(plan) : address) + "\t" + entry.substring(0, colon));
        }
        plan.linked().forEach(other -> result.add(line(other)));
        for (Endpoint endpoint : plan.endpoints()) {
            result.addAll(lines(spec, endpoint));
        }
        return result;
    }

    /** By which the host is reached. */
    private static String gateway(NetworkPlan plan) {
        Stream<Endpoint> gateways =
                Stream.of(plan.gateway(), plan.ipv6Gateway()).flatMap(Optional::stream);
        return Stream.concat(gateways, plan.endpoints().stream())
                .flatMap(endpoint -> Stream.of(
                        endpoint.network().host(),
                        endpoint.gateway(),
                        endpoint.ipv6() == null ? "" : endpoint.ipv6().gateway()))
                .filter(address -> !address.isEmpty())
                .findFirst()
                .orElse("127.0.0.1");
    }

    private static String line(Linked other) {
        return other.address() + "\t" + String.join(" ", other.names());
    }

    private static List<String> lines(ContainerSpec spec, Endpoint endpoint) {
        return endpoint.hostAddresses().stream()
                .map(address -> address + "\t" + String.join(" ", names(spec)))
                .toList();
    }

    /** The whole name, and what is before its first dot. */
    private static List<String> names(ContainerSpec spec) {
        String hostname = spec.hostname() == null ? "" : spec.hostname();
        boolean hasDomain = spec.domainname() != null && !spec.domainname().isEmpty();
        String whole = hasDomain ? hostname + "." + spec.domainname() : hostname;
        String first = whole.contains(".") ? whole.substring(0, whole.indexOf('.')) : whole;
        return first.equals(whole) ? List.of(whole) : List.of(whole, first);
    }

    private static String without(String text, String line) {
        int start = text.indexOf(line);
        return start < 0 ? text : text.substring(0, start) + text.substring(start + line.length());
    }

    private static List<String> lines(Path file) throws IOException {
        return Files.exists(file) ? Files.readAllLines(file) : List.of();
    }

    private static boolean isEmpty(List<String> list) {
        return list == null || list.isEmpty();
    }
}
