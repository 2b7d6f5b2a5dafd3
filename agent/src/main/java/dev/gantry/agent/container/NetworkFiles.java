package dev.gantry.agent.container;

import dev.gantry.agent.api.ContainerSpec;
import dev.gantry.agent.api.NetworkPlan;
import dev.gantry.agent.host.ContainerFiles;
import dev.gantry.agent.host.Disk;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Writes a container's {@code /etc/hosts}, {@code /etc/hostname} and {@code /etc/resolv.conf}. */
final class NetworkFiles {
    private static final List<String> STANDARD_HOSTS = List.of(
            "127.0.0.1\tlocalhost",
            "::1\tlocalhost ip6-localhost ip6-loopback",
            "fe00::\tip6-localnet",
            "ff00::\tip6-mcastprefix",
            "ff02::1\tip6-allnodes",
            "ff02::2\tip6-allrouters");

    /** When the host's own resolver listens on a loopback address, which inside a container is another. */
    private static final List<String> PUBLIC_SERVERS = List.of("nameserver 8.8.8.8", "nameserver 8.8.4.4");

    /** Every user in the container reads them; of the host's none gets as far as there. */
    private static final Set<PosixFilePermission> READABLE = PosixFilePermissions.fromString("rw-r--r--");

    /** Bytes; no name service reads more of them in earnest. */
    private static final long MOST_HOSTS = 1 << 20;

    private NetworkFiles() {}

    static void write(ContainerSpec spec, NetworkPlan plan, ContainerFiles files) throws IOException {
        put(files.hostname(), List.of(spec.hostname() == null ? "" : spec.hostname()));
        put(files.hosts(), hosts(spec, plan, Path.of("/etc/hosts")));
        put(files.resolvConf(), resolvConf(spec.dns(), plan, lines(Path.of("/etc/resolv.conf"))));
    }

    private static void put(Path file, List<String> lines) throws IOException {
        Disk.replace(file, (String.join("\n", lines) + "\n").getBytes(StandardCharsets.UTF_8), READABLE);
    }

    static List<String> hosts(ContainerSpec spec, NetworkPlan plan, Path hostsOfHost) throws IOException {
        boolean host = plan.kind() == NetworkPlan.Kind.HOST;
        List<String> result = new ArrayList<>(host ? lines(hostsOfHost) : STANDARD_HOSTS);
        List<NetworkPlan.Endpoint> endpoints = plan.endpoints();
        for (String extra : orEmpty(spec.dns() == null ? null : spec.dns().extraHosts())) {
            int colon = extra.indexOf(':');
            String address = extra.substring(colon + 1);
            if (address.equals("host-gateway")) {
                address =
                        endpoints.isEmpty() ? "127.0.0.1" : endpoints.getFirst().gateway();
            }
            result.add(address + "\t" + extra.substring(0, colon));
        }
        for (NetworkPlan.Endpoint endpoint : endpoints) {
            result.add(line(spec, endpoint));
        }
        return result;
    }

    private static String line(ContainerSpec spec, NetworkPlan.Endpoint endpoint) {
        String address = endpoint.address().replaceAll("/.*", "");
        return address + "\t" + String.join(" ", names(spec, endpoint));
    }

    /** Adds an endpoint to the hosts of a running container: in place, since the file is mounted there. */
    static void add(ContainerSpec spec, NetworkPlan.Endpoint endpoint, ContainerFiles files) throws IOException {
        Files.writeString(files.hosts(), line(spec, endpoint) + "\n", StandardOpenOption.APPEND);
    }

    /** Undoes {@link #add}. A container may write to the file: one that it made large is left as it is. */
    static void remove(ContainerSpec spec, NetworkPlan.Endpoint endpoint, ContainerFiles files) throws IOException {
        if (Files.size(files.hosts()) > MOST_HOSTS) {
            return;
        }
        String line = line(spec, endpoint) + "\n";
        // In a character set that keeps any bytes as they are; names of hosts are ASCII.
        String text = Files.readString(files.hosts(), StandardCharsets.ISO_8859_1);
        int start = text.indexOf(line);
        if (start >= 0) {
            Files.writeString(
                    files.hosts(),
                    text.substring(0, start) + text.substring(start + line.length()),
                    StandardCharsets.ISO_8859_1,
                    StandardOpenOption.WRITE,
                    StandardOpenOption.TRUNCATE_EXISTING);
        }
    }

    private static Set<String> names(ContainerSpec spec, NetworkPlan.Endpoint endpoint) {
        Set<String> names = new LinkedHashSet<>();
        String hostname = spec.hostname() == null ? "" : spec.hostname();
        if (spec.domainname() != null && !spec.domainname().isEmpty()) {
            names.add(hostname + "." + spec.domainname());
        }
        names.add(hostname);
        names.addAll(orEmpty(endpoint.aliases()));
        return names;
    }

    static List<String> resolvConf(ContainerSpec.Dns dns, NetworkPlan plan, List<String> ofHost) {
        List<String> servers = new ArrayList<>();
        List<String> search = new ArrayList<>();
        List<String> options = new ArrayList<>();
        boolean ownLoopback = plan.kind() != NetworkPlan.Kind.HOST;
        for (String line : ofHost) {
            if (line.startsWith("nameserver")) {
                String address = line.substring("nameserver".length()).strip();
                if (!ownLoopback || !address.startsWith("127.") && !address.equals("::1")) {
                    servers.add("nameserver " + address);
                }
            } else if (line.startsWith("search") || line.startsWith("domain")) {
                search.add("search" + line.substring(6));
            } else if (line.startsWith("options")) {
                options.add(line);
            }
        }
        if (servers.isEmpty() && ownLoopback) {
            servers.addAll(PUBLIC_SERVERS);
        }
        if (dns != null) {
            replace(
                    servers,
                    orEmpty(dns.servers()).stream()
                            .map(server -> "nameserver " + server)
                            .toList());
            replace(search, joined("search", orEmpty(dns.search())));
            replace(options, joined("options", orEmpty(dns.options())));
        }
        List<String> result = new ArrayList<>(servers);
        result.addAll(search);
        result.addAll(options);
        return result;
    }

    private static List<String> joined(String keyword, List<String> values) {
        return values.isEmpty() ? List.of() : List.of(keyword + " " + String.join(" ", values));
    }

    private static void replace(List<String> lines, List<String> by) {
        if (!by.isEmpty()) {
            lines.clear();
            lines.addAll(by);
        }
    }

    private static List<String> lines(Path file) throws IOException {
        return Files.exists(file) ? Files.readAllLines(file) : List.of();
    }

    private static <T> List<T> orEmpty(List<T> list) {
        return list == null ? List.of() : list;
    }
}
