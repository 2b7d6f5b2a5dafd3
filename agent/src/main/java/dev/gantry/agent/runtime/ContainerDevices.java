package dev.gantry.agent.runtime;

import dev.gantry.agent.api.AgentFailure;
import dev.gantry.agent.api.CleanPath;
import dev.gantry.agent.api.ContainerSpec;
import dev.gantry.agent.host.HostRoot;
import dev.gantry.agent.runtime.OciSpec.Device;
import dev.gantry.agent.runtime.OciSpec.DeviceRule;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Device nodes and the device cgroup's rules, as Docker gives them. The runtime itself adds null, zero, tty and so on. */
record ContainerDevices(List<Device> nodes, List<DeviceRule> rules) {
    private static final int S_IFMT = 0170000;
    private static final int S_IFCHR = 0020000;
    private static final int S_IFBLK = 0060000;

    private static final Pattern RULE = Pattern.compile("([acb]) (\\d{1,10}|\\*):(\\d{1,10}|\\*) ([rwm]{1,3})");

    /** Below /dev, but no devices of the host's for a container. */
    private static final Set<String> SKIPPED =
            Set.of("pts", "shm", "fd", "mqueue", ".lxc", ".lxd-mounts", ".udev", "console", "ptmx");

    static ContainerDevices of(ContainerSpec spec, HostRoot host) {
        List<Device> nodes = new ArrayList<>();
        List<DeviceRule> rules = new ArrayList<>();
        if (spec.security().privileged()) {
            addAll(host.of("/dev"), Path.of("/dev"), nodes);
            rules.add(new DeviceRule(true, null, null, null, "rwm"));
            return new ContainerDevices(nodes, rules);
        }
        rules.add(new DeviceRule(false, null, null, null, "rwm"));
        rules.add(new DeviceRule(true, "c", null, null, "m"));
        rules.add(new DeviceRule(true, "b", null, null, "m"));
        // null, zero, full, random, urandom, tty, console, ptmx, and every pty.
        for (long[] device : new long[][] {{1, 3}, {1, 5}, {1, 7}, {1, 8}, {1, 9}, {5, 0}, {5, 1}, {5, 2}}) {
            rules.add(new DeviceRule(true, "c", device[0], device[1], "rwm"));
        }
        rules.add(new DeviceRule(true, "c", 136L, null, "rwm"));
        for (ContainerSpec.Device device : orEmpty(spec.resources().devices())) {
            add(device, host, nodes, rules);
        }
        for (String rule : orEmpty(spec.resources().deviceCgroupRules())) {
            rules.add(parse(rule));
        }
        return new ContainerDevices(nodes, rules);
    }

    private static void add(ContainerSpec.Device device, HostRoot host, List<Device> nodes, List<DeviceRule> rules) {
        Path source = host.of(CleanPath.of(device.pathOnHost()));
        String inside = CleanPath.of(device.pathInContainer());
        List<Device> found = new ArrayList<>();
        if (Files.isDirectory(source)) {
            addAll(source, Path.of(inside), found);
        } else {
            node(source, inside).ifPresent(found::add);
        }
        if (found.isEmpty()) {
            throw new AgentFailure(
                    AgentFailure.Code.BAD_REQUEST,
                    "error gathering device information while adding custom device \"" + device.pathOnHost() + "\": "
                            + (Files.exists(source) ? "not a device node" : "no such file or directory"));
        }
        String permissions =
                device.permissions() == null || device.permissions().isEmpty() ? "rwm" : device.permissions();
        nodes.addAll(found);
        found.forEach(node -> rules.add(new DeviceRule(true, node.type(), node.major(), node.minor(), permissions)));
    }

    private static void addAll(Path source, Path target, List<Device> nodes) {
        try (Stream<Path> entries = Files.list(source)) {
            for (Path entry : entries.sorted().toList()) {
                String name = entry.getFileName().toString();
                if (SKIPPED.contains(name) || Files.isSymbolicLink(entry)) {
                    continue;
                }
                Path inside = target.resolve(name);
                if (Files.isDirectory(entry, LinkOption.NOFOLLOW_LINKS)) {
                    addAll(entry, inside, nodes);
                } else {
                    node(entry, inside.toString()).ifPresent(nodes::add);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Optional<Device> node(Path path, String inside) {
        try {
            Map<String, Object> stat = Files.readAttributes(path, "unix:mode,rdev,uid,gid");
            int mode = (int) stat.get("mode");
            String type =
                    switch (mode & S_IFMT) {
                        case S_IFCHR -> "c";
                        case S_IFBLK -> "b";
                        default -> null;
                    };
            if (type == null) {
                return Optional.empty();
            }
            DeviceNumber number = DeviceNumber.of((long) stat.get("rdev"));
            return Optional.of(new Device(
                    type,
                    inside,
                    number.major(),
                    number.minor(),
                    mode & 0777,
                    Integer.toUnsignedLong((int) stat.get("uid")),
                    Integer.toUnsignedLong((int) stat.get("gid"))));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private static DeviceRule parse(String rule) {
        Matcher matcher = RULE.matcher(rule);
        if (!matcher.matches()) {
            throw new AgentFailure(AgentFailure.Code.INTERNAL, "invalid device cgroup rule format: '" + rule + "'");
        }
        return new DeviceRule(
                true, matcher.group(1), number(matcher.group(2)), number(matcher.group(3)), matcher.group(4));
    }

    private static Long number(String text) {
        return text.equals("*") ? null : Long.valueOf(text);
    }

    private static <T> List<T> orEmpty(List<T> list) {
        return list == null ? List.of() : list;
    }
}
